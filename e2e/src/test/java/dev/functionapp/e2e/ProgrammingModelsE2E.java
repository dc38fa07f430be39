package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.support.AppManifest;
import dev.functionapp.e2e.support.Environment;
import dev.functionapp.e2e.support.SideBySide;
import dev.functionapp.e2e.support.TestNamespace;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The example apps of both programming models: HTTP, queue, blob and timer in each. */
@SideBySide
class ProgrammingModelsE2E {

  private static final int SCHEDULE_SECONDS = 5;
  private static final String CHIMES =
      """
      from datetime import datetime, timezone
      import azure.functions as func

      app = func.FunctionApp()

      @app.timer_trigger("timer", schedule="*/5 * * * * *")
      @app.queue_output("chime", queue_name="%CHIMES%", connection="AzureWebJobsStorage")
      def ring(timer: func.TimerRequest, chime: func.Out[str]) -> None:
          chime.set(datetime.now(timezone.utc).isoformat())
      """;

  /** A scan for blobs takes place every ten seconds. */
  private static final Duration CHAIN = Duration.ofMinutes(2);

  private final Environment environment;
  private final TestNamespace namespace;

  ProgrammingModelsE2E(Environment environment, TestNamespace namespace) {
    this.environment = environment;
    this.namespace = namespace;
  }

  /** HTTP leads to a queue, the queue to a blob, and the blob to a queue, each once. */
  @ParameterizedTest
  @CsvSource({"guestbook, guestbook", "guestbook-function-json, classic"})
  void oneThingLeadsToAnother(String name, String storage) throws Exception {
    FunctionApp app = deploy(name);
    assertThat(app.status().groups()).extracting(group -> group.name()).containsExactly("blob", "http", "queue-welcome", "timer");
    assertThat(app.status().function("ring").target()).startsWith("*/5 * * * * *");
    assertThat(app.status().function("hand_over").target()).isEqualTo(storage + "-cards/{name}.txt");
    environment.storage().clear(storage + "-jobs");

    String guest = "guest-" + UUID.randomUUID();
    assertThat(app.http().post("/api/guests/" + guest, "wrong").status()).isEqualTo(401);
    assertThat(app.http().post("/api/guests/" + guest, app.functionKey()).status()).isEqualTo(202);

    namespace.await("the card", CHAIN, () -> environment.storage().blobs(storage + "-cards", guest).contains(guest + ".txt"));
    assertThat(new String(environment.storage().download(storage + "-cards", guest + ".txt"), StandardCharsets.UTF_8)).isEqualTo("Welcome, " + guest + "!");
    namespace.await("the card to be handed over", CHAIN, () -> jobs(storage, guest) > 0);
    // Another guest's card shows that the container was scanned again.
    String next = "guest-" + UUID.randomUUID();
    app.http().post("/api/guests/" + next, app.functionKey());
    namespace.await("the next card to be handed over", CHAIN, () -> jobs(storage, next) > 0);
    assertThat(jobs(storage, guest)).as("times that the first card was handed over").isEqualTo(1);
  }

  /** Two workers, of two apps that share a host id, are one to a schedule. */
  @Test
  void aScheduleFiresOnceAcrossReplicas() {
    String queue = namespace.unique("chimes");
    namespace.apply(chiming("left", queue));
    namespace.ready(chiming("right", queue));
    namespace.awaitReady(namespace.app("left"));
    environment.storage().clear(queue);

    namespace.await("six chimes", CHAIN, () -> environment.storage().peek(queue).size() >= 6);
    List<Long> occurrences =
        environment.storage().peek(queue).stream()
            .map(text -> OffsetDateTime.parse(text).toInstant().getEpochSecond() / SCHEDULE_SECONDS)
            .toList();
    assertThat(occurrences).doesNotHaveDuplicates();
    assertThat(occurrences.getLast() - occurrences.getFirst()).as("occurrences from the first to the last").isEqualTo(occurrences.size() - 1L);
  }

  @Test
  void aFastApiAppRunsAsItIs() throws Exception {
    FunctionApp app = deploy("fastapi");

    assertThat(app.http().get("/prices/pear").text()).isEqualTo("{\"article\":\"pear\",\"price\":4}");
    byte[] order = "{\"article\": \"pear\", \"count\": 3}".getBytes(StandardCharsets.UTF_8);
    assertThat(app.http().post("/orders", "application/json", order)).satisfies(answer -> {
      assertThat(answer.status()).isEqualTo(201);
      assertThat(answer.text()).isEqualTo("{\"total\":12}");
    });
    assertThat(app.http().post("/orders", "application/json", "{}".getBytes(StandardCharsets.UTF_8)).status()).isEqualTo(422);
    assertThat(app.http().get("/openapi.json").text()).contains("\"Prices\"");
  }

  private FunctionApp deploy(String name) {
    namespace.kubectl("apply", "--kustomize", environment.workspace().file("e2e/apps/" + name).toString()).check();
    FunctionApp app = namespace.app(name);
    namespace.awaitReady(app);
    return app;
  }

  private AppManifest chiming(String name, String queue) {
    return AppManifest.named(name)
        .file("function_app.py", CHIMES)
        .spec("settings", Map.of("CHIMES", queue, "AzureFunctionsWebHost__hostid", Integer.toHexString(queue.hashCode())));
  }

  private long jobs(String storage, String guest) {
    return environment.storage().peek(storage + "-jobs").stream().filter(("Welcome, " + guest + "!")::equals).count();
  }
}
