package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.support.AppManifest;
import dev.functionapp.e2e.support.Environment;
import dev.functionapp.e2e.support.Load;
import dev.functionapp.e2e.support.ReplicaWatch;
import dev.functionapp.e2e.support.SideBySide;
import dev.functionapp.e2e.support.TestNamespace;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** HTTP functions scale on requests in flight. */
@SideBySide
class HttpScalingE2E {

  private static final String GROUP = "http";

  /** Slow without a processor: what counts is requests in flight. */
  private static final String SLOW =
      """
      import asyncio
      import azure.functions as func

      async def main(req: func.HttpRequest) -> func.HttpResponse:
          await asyncio.sleep(1)
          return func.HttpResponse("slow")
      """;

  private final Environment environment;
  private final TestNamespace namespace;

  HttpScalingE2E(Environment environment, TestNamespace namespace) {
    this.environment = environment;
    this.namespace = namespace;
  }

  @Test
  void requestsInFlightScaleOutAndTheirEndScalesInWithoutAFailure() {
    FunctionApp app =
        namespace.ready(
            AppManifest.named("busy")
                .http("slow", "slow", SLOW)
                .answering("quick")
                .scaling("maxReplicas", 3)
                .scaling("http", Map.of("concurrency", 2, "minReplicas", 1)));
    assertThat(app.replicas(GROUP)).isEqualTo(1);

    try (ReplicaWatch watch = new ReplicaWatch(app)) {
      // Eight clients, each with a request in flight all the time: four replicas' worth.
      Load load = Load.start(namespace, environment.chart().workerImage(), app.name(), "/api/slow", 30, 100);
      Load gentle = Load.start(namespace, environment.chart().workerImage(), app.name(), "/api/version", 60, 10);
      namespace.await("3 replicas", Duration.ofMinutes(2), () -> app.replicas(GROUP) == 3);
      namespace.await("the reason", Duration.ofSeconds(30), () -> "HttpLoad".equals(app.status().group(GROUP).reason()));
      assertThat(app.status().group(GROUP).message()).contains(" requests in flight, 2 for each replica");
      namespace.await("3 replicas that are ready", Duration.ofMinutes(1), () -> app.status().group(GROUP).readyReplicas() == 3);
      assertThat(load.stop().failures()).isEmpty();

      namespace.await("1 replica, and the others gone", Duration.ofMinutes(3), () -> app.replicas(GROUP) == 1 && app.pods(GROUP).size() == 1);
      assertThat(gentle.stop().failures()).as("failures while replicas came and went").isEmpty();
      assertThat(watch.seen(GROUP)).doesNotContain(0);
    }
  }
}
