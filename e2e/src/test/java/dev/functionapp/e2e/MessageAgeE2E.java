package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.app.Status;
import dev.functionapp.e2e.progress.Ticker;
import dev.functionapp.e2e.support.AppManifest;
import dev.functionapp.e2e.support.Environment;
import dev.functionapp.e2e.support.ReplicaWatch;
import dev.functionapp.e2e.support.SideBySide;
import dev.functionapp.e2e.support.TestNamespace;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** How long messages may wait is the app's own target. Length alone would keep one replica in each of these tests. */
@SideBySide
class MessageAgeE2E {

  private static final String GROUP = "queue-work";
  private static final int HUGE = 100_000;

  private static final String FAILS =
      """
      import azure.functions as func

      def main(msg: func.QueueMessage, done: func.Out[str]) -> None:
          raise ValueError("never")
      """;

  private final Environment environment;
  private final TestNamespace namespace;

  MessageAgeE2E(Environment environment, TestNamespace namespace) {
    this.environment = environment;
    this.namespace = namespace;
  }

  @Test
  void ageAloneScalesOutAndAYoungHeadScalesIn() {
    String queue = namespace.unique("aged");
    FunctionApp app = namespace.ready(aged("aged", "5s").worker("work", queue, queue).scaling("maxReplicas", 3));
    int flood = 60;
    environment.storage().sendAll(queue, AppManifest.jobs(flood, 1));

    namespace.await("3 replicas", Duration.ofMinutes(1), () -> app.replicas(GROUP) == 3);
    Status.Group[] group = new Status.Group[1];
    namespace.await("the reason", Duration.ofSeconds(30), () -> {
      group[0] = app.status().group(GROUP);
      return "MessageAge".equals(group[0].reason());
    });
    assertThat(group[0].message()).startsWith("work: oldest message ").contains(" s > 5 s");
    assertThat(group[0].maxReplicas()).isEqualTo(3);

    // What comes after the flood waits for nobody, and comes often enough that the group never sleeps.
    try (Ticker trickle = Ticker.every(Duration.ofMillis(500), () -> environment.storage().send(queue, AppManifest.job(UUID.randomUUID().toString(), 0)))) {
      namespace.await("the flood to be worked off", Duration.ofMinutes(2), () -> environment.storage().blobs(queue, "").size() > flood);
      namespace.await("1 replica", Duration.ofMinutes(2), () -> app.replicas(GROUP) == 1);
    }
  }

  /** Poison goes to its queue, and asks for nobody's help. */
  @Test
  void poisonAloneNeitherScalesOutNorKeepsTheGroupAwake() {
    String queue = namespace.unique("poisoned");
    // Long enough for the first replica to start, and short beside the 24 seconds that pass until the last retry.
    FunctionApp app =
        namespace.ready(
            aged("poisoned", "15s")
                .queues(Map.of("batchSize", 1, "newBatchThreshold", 0, "maxPollingInterval", "00:00:01", "visibilityTimeout", "00:00:08", "maxDequeueCount", 4))
                .worker("work", FAILS, queue, "AzureWebJobsStorage", queue + "/{id}"));
    try (ReplicaWatch watch = new ReplicaWatch(app)) {
      environment.storage().sendAll(queue, AppManifest.jobs(5, 0));

      namespace.await("all poison to be put aside", Duration.ofMinutes(2), () -> environment.storage().queueLength(queue + "-poison") == 5);
      namespace.await("the group to sleep", Duration.ofMinutes(1), () -> app.replicas(GROUP) == 0);

      assertThat(watch.most(GROUP)).isEqualTo(1);
    }
    assertThat(environment.storage().queueLength(queue)).isZero();
    assertThat(environment.storage().blobs(queue, "")).isEmpty();
  }

  private static AppManifest aged(String name, String messageAge) {
    return AppManifest.named(name).scaling("queue", Map.of("length", HUGE, "messageAge", messageAge));
  }
}
