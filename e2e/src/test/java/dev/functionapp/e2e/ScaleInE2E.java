package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.progress.Ticker;
import dev.functionapp.e2e.support.AppManifest;
import dev.functionapp.e2e.support.Environment;
import dev.functionapp.e2e.support.SideBySide;
import dev.functionapp.e2e.support.TestNamespace;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Replicas that go take no work with them. */
@SideBySide
class ScaleInE2E {

  private static final String GROUP = "queue-work";

  private final Environment environment;
  private final TestNamespace namespace;

  ScaleInE2E(Environment environment, TestNamespace namespace) {
    this.environment = environment;
    this.namespace = namespace;
  }

  /** Nothing is lost, no finished work is repeated, and nothing is hidden until a lease ends. */
  @Test
  void noMessageIsLostRepeatedOrHiddenWhileReplicasGoUnderLoad() {
    String queue = namespace.unique("leaving");
    AppManifest manifest =
        AppManifest.named("leaving")
            .queues(Map.of("batchSize", 4, "newBatchThreshold", 2, "maxPollingInterval", "00:00:01"))
            .tallyingWorker("work", queue, queue)
            .scaling("maxReplicas", 4)
            .scaling("queue", Map.of("length", 100_000));
    environment.storage().createQueue(queue);
    FunctionApp app = namespace.ready(manifest.scaling("minReplicas", 4));
    namespace.await("4 replicas that are ready", Duration.ofMinutes(2), () -> app.status().group(GROUP).readyReplicas() == 4);

    AtomicInteger sent = new AtomicInteger();
    environment.storage().sendAll(queue, 20, i -> next(sent));
    // Ten at a time for four replicas, of which each may have six.
    try (Ticker load = Ticker.every(Duration.ofMillis(400), () -> environment.storage().send(queue, next(sent)))) {
      namespace.await("all replicas to work", Duration.ofMinutes(1), () -> !environment.storage().blobs(queue, "").isEmpty());
      namespace.apply(manifest.scaling("minReplicas", 1));
      namespace.await("1 replica, and the others gone", Duration.ofMinutes(3), () -> app.replicas(GROUP) == 1 && remaining(app) == 1);
      assertThat(environment.storage().queueLength(queue)).as("messages when the last one left").isPositive();
    }

    // A lease lasts ten minutes, what there is takes one.
    Set<String> ids = IntStream.range(0, sent.get()).mapToObj(String::valueOf).collect(Collectors.toSet());
    namespace.await("every message to be processed", Duration.ofMinutes(2), () -> processed(queue).equals(ids));
    namespace.await("the queue to be empty", Duration.ofSeconds(15), () -> environment.storage().queueLength(queue) == 0);
    assertThat(environment.storage().blobs(queue, "")).as("finished work").hasSize(sent.get());
    assertThat(environment.storage().queueLength(queue + "-poison")).isZero();
  }

  private static String next(AtomicInteger sent) {
    return AppManifest.job(String.valueOf(sent.getAndIncrement()), 4);
  }

  /** Pods of the group, those on their way out included. */
  private int remaining(FunctionApp app) {
    String group = app.deployments().get(GROUP).getMetadata().getName();
    return namespace.client().pods().inNamespace(namespace.name()).withLabel("functionapp.dev/group", group).list().getItems().size();
  }

  private Set<String> processed(String container) {
    return environment.storage().blobs(container, "").stream().map(blob -> blob.substring(0, blob.indexOf('-'))).collect(Collectors.toSet());
  }
}
