package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.app.Status;
import dev.functionapp.e2e.support.AppManifest;
import dev.functionapp.e2e.support.E2E;
import dev.functionapp.e2e.support.Environment;
import dev.functionapp.e2e.support.Load;
import dev.functionapp.e2e.support.TestNamespace;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A push replaces what runs without a pause, or not at all. */
@E2E
class RolloutE2E {

  private static final String PATH = "/api/version";
  private static final int SECONDS = 60;
  private static final int RATE = 80;

  /** Passes the verification, and keeps every worker from becoming ready. */
  private static final String HANGS =
      """
      import os
      import time
      if "FUNCAPP_GROUP" in os.environ:
          time.sleep(3600)
      """;

  /** Passes the verification, and ends each process of a worker that imports it. */
  private static final String EXITS =
      """
      import os
      if "FUNCAPP_GROUP" in os.environ:
          os._exit(3)
      """;

  private static final String WORK =
      """
      import azure.functions as func

      def main(msg: func.QueueMessage, done: func.Out[str]) -> None:
          done.set("%s")
      """;

  private final Environment environment;
  private final TestNamespace namespace;

  RolloutE2E(Environment environment, TestNamespace namespace) {
    this.environment = environment;
    this.namespace = namespace;
  }

  @Test
  void noRequestFailsWhileAGoodRevisionReplacesAnother() {
    FunctionApp app = namespace.ready(AppManifest.named("good").answering("one"));
    namespace.awaitAnswer(app, PATH, "one");
    Load load = load(app);

    namespace.ready(AppManifest.named("good").answering("two"));
    namespace.await("the pods of the revision before to be gone", Duration.ofMinutes(2), () -> app.pods("http").size() == 1);

    Load.Result result = load.stop();
    assertServed(result);
    assertThat(result.answers()).containsOnlyKeys("one", "two");
  }

  @Test
  void noRequestFailsWhileABrokenRevisionIsTriedAndTakenBack() {
    AppManifest manifest = AppManifest.named("broken").spec("rollout", Map.of("progressDeadline", "20s"));
    FunctionApp app = namespace.ready(manifest.answering("one"));
    namespace.awaitAnswer(app, PATH, "one");
    String good = app.status().latestReadyRevision();
    Load load = load(app);

    namespace.apply(manifest.answering("two").http("hangs", "hangs", HANGS + AppManifest.ECHO));
    Status.Condition stalled = namespace.awaitCondition(app, "Stalled", Status.Condition::isTrue);

    Load.Result result = load.stop();
    assertServed(result);
    assertThat(result.answers()).containsOnlyKeys("one");
    assertThat(stalled.reason()).isEqualTo("ProgressDeadlineExceeded");
    assertThat(app.status().condition("Ready").isFalse()).isTrue();
    assertThat(app.status().condition("Available").isTrue()).isTrue();
    assertThat(app.status().latestReadyRevision()).isEqualTo(good);
    namespace.await("the pods of the broken revision to be gone", Duration.ofMinutes(2), () -> app.pods("http").size() == 1);
    assertThat(app.pods("http").getFirst().getMetadata().getLabels()).containsEntry("functionapp.dev/revision", good);
  }

  @Test
  void aRevisionWhoseProcessesEndThemselvesIsTakenBack() {
    AppManifest manifest = AppManifest.named("exits").spec("rollout", Map.of("progressDeadline", "20s"));
    FunctionApp app = namespace.ready(manifest.answering("one"));
    String good = app.status().latestReadyRevision();

    namespace.apply(manifest.http("version", "version", EXITS + AppManifest.ECHO));
    Status.Condition stalled = namespace.awaitCondition(app, "Stalled", Status.Condition::isTrue);

    assertThat(stalled.reason()).isEqualTo("ProgressDeadlineExceeded");
    assertThat(app.status().condition("Available").isTrue()).isTrue();
    namespace.awaitAnswer(app, PATH, "one");
    namespace.await("the pods of the broken revision to be gone", Duration.ofMinutes(2), () -> app.pods("http").size() == 1);
    assertThat(app.pods("http").getFirst().getMetadata().getLabels()).containsEntry("functionapp.dev/revision", good);
  }

  @Test
  void aSleepingAppThatBreaksInVerificationGoesOnWithWhatItHad() {
    String queue = namespace.unique("broken-asleep");
    FunctionApp app = namespace.ready(worker("asleep", queue, WORK.formatted("one")));
    String good = app.status().latestReadyRevision();
    assertThat(app.replicas("queue-work")).isZero();

    namespace.apply(worker("asleep", queue, "import nothing_of_this_name\n" + WORK.formatted("two")));
    Status.Condition stalled = namespace.awaitCondition(app, "Stalled", Status.Condition::isTrue);
    environment.storage().send(queue, "{\"id\": \"first\"}");

    assertThat(processed(queue, "first")).isEqualTo("one");
    assertThat(stalled.message()).contains("nothing_of_this_name");
    assertThat(app.status().latestReadyRevision()).isEqualTo(good);
  }

  @Test
  void aSleepingAppWhoseWorkersHangGoesBackAndLosesNoMessage() {
    String queue = namespace.unique("hangs-asleep");
    FunctionApp app = namespace.ready(worker("hangs-asleep", queue, WORK.formatted("one")).spec("rollout", Map.of("progressDeadline", "20s")));

    namespace.ready(worker("hangs-asleep", queue, HANGS + WORK.formatted("two")).spec("rollout", Map.of("progressDeadline", "20s")));
    environment.storage().send(queue, "{\"id\": \"first\"}");

    assertThat(processed(queue, "first")).isEqualTo("one");
    assertThat(environment.storage().queueLength(queue + "-poison")).isZero();
    assertThat(app.status().condition("Stalled").isTrue()).isTrue();
  }

  private static AppManifest worker(String name, String queue, String code) {
    return AppManifest.named(name)
        .function(
            "work",
            code,
            Map.of("type", "queueTrigger", "direction", "in", "name", "msg", "queueName", queue, "connection", "AzureWebJobsStorage"),
            Map.of("type", "blob", "direction", "out", "name", "done", "path", queue + "/{id}", "connection", "AzureWebJobsStorage"));
  }

  /** Waits for the blob that a message leaves, and returns which revision wrote it. */
  private String processed(String container, String id) {
    namespace.await("the message to be processed", Duration.ofMinutes(4), () -> environment.storage().blobs(container, id).size() == 1);
    return new String(environment.storage().download(container, id), StandardCharsets.UTF_8);
  }

  private Load load(FunctionApp app) {
    return Load.start(namespace, environment.chart().workerImage(), app.name(), PATH, SECONDS, RATE);
  }

  private static void assertServed(Load.Result result) {
    System.out.printf("load: %d requests in %.0f s, %d failed; %s%n", result.requests(), result.seconds(), result.failed(), result.answers());
    assertThat(result.failures()).isEmpty();
    assertThat(result.failed()).isZero();
    assertThat(result.seconds()).isGreaterThanOrEqualTo(SECONDS);
    assertThat(result.requests() / result.seconds()).as("requests a second").isGreaterThanOrEqualTo(50);
  }
}
