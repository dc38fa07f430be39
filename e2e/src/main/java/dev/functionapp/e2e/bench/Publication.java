package dev.functionapp.e2e.bench;

import dev.functionapp.e2e.app.FunctionApp;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;

/** One app with one HTTP function, {@code /api/answer}, that is published over and over. */
record Publication(FunctionApp app) {

  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final Duration LOOK = Duration.ofMillis(50);

  /** From applying it to Ready. */
  Duration publish(Map<String, String> files, Map<String, String> settings) {
    long start = System.nanoTime();
    app.apply(Map.of("source", Map.of("inline", Map.of("files", files)), "settings", settings));
    await("Ready", app::isReady);
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /** From naming an earlier revision to its answer. */
  Duration pin(String revision, String answer) {
    long start = System.nanoTime();
    app.resource().patch(PatchContext.of(PatchType.JSON_MERGE), Serialization.asJson(Map.of("spec", Map.of("rollout", Map.of("pin", revision)))));
    await("the answer of revision " + revision, () -> answers(answer));
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private boolean answers(String text) {
    try {
      return app.http().get("/api/answer").text().equals(text);
    } catch (IOException e) {
      return false;
    }
  }

  private void await(String what, Callable<Boolean> condition) {
    Awaitility.await(what).atMost(LIMIT).pollDelay(Duration.ZERO).pollInterval(LOOK).until(condition);
  }
}
