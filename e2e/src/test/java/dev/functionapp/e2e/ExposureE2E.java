package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.app.Status;
import dev.functionapp.e2e.install.Traefik;
import dev.functionapp.e2e.shell.Command;
import dev.functionapp.e2e.storage.Tunnel;
import dev.functionapp.e2e.support.AppManifest;
import dev.functionapp.e2e.support.Environment;
import dev.functionapp.e2e.support.SideBySide;
import dev.functionapp.e2e.support.TestNamespace;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Callers from outside the cluster come through a controller that apps have no part in. */
@SideBySide
@Order(2)
class ExposureE2E {

  private static final Duration ROUTED = Duration.ofMinutes(1);
  private static final String HELLO =
      """
      import azure.functions as func

      def main(req: func.HttpRequest) -> func.HttpResponse:
          return func.HttpResponse(f"hello at {req.url}")
      """;

  private final Environment environment;
  private final TestNamespace namespace;

  @TempDir private Path folder;

  ExposureE2E(Environment environment, TestNamespace namespace) {
    this.environment = environment;
    this.namespace = namespace;
  }

  /** Begins without the Gateway API, which is found when it comes. */
  @Test
  @Timeout(value = 75, unit = TimeUnit.MINUTES)
  void anAppIsReachedByAnIngressAndByAGatewayWithTlsAndItsKey() {
    certificate("shop.example");
    FunctionApp app =
        namespace.ready(
            hello(
                Map.of(
                    "hostnames", List.of("shop.example"),
                    "tls", Map.of(),
                    "parentRefs", List.of(Map.of("name", "public", "sectionName", "https")))));
    Status.Condition exposed = namespace.awaitFalse(app, "Exposed", "GatewayApiNotInstalled");
    assertThat(exposed.message()).contains("https://gateway-api.sigs.k8s.io");

    try (Traefik traefik = Traefik.install(environment.cluster(), environment.workspace())) {
      namespace.awaitFalse(app, "Exposed", "NoController");
      namespace.applyText(gateway());
      namespace.awaitCondition(app, "Exposed", Status.Condition::isTrue);
      assertAnswers(traefik, app);

      namespace.ready(
          hello(
              Map.of(
                  "hostnames", List.of("shop.example"),
                  "tls", Map.of("secretName", "shop-tls"),
                  "ingressClassName", Traefik.CLASS)));
      namespace.awaitCondition(app, "Exposed", condition -> condition.isTrue() && condition.message().contains("Ingress"));
      assertAnswers(traefik, app);
    }
  }

  private void assertAnswers(Traefik traefik, FunctionApp app) {
    assertThat(app.status().url()).isEqualTo("https://shop.example");
    try (Tunnel tunnel = traefik.tunnel(Traefik.HTTPS_PORT)) {
      String key = app.functionKey();
      namespace.await("a call with its key to be answered", ROUTED, () -> call(tunnel, key).equals("hello at https://shop.example:%d/api/hello 200".formatted(tunnel.port())));
      assertThat(call(tunnel, "wrong")).endsWith("401");
    }
  }

  /** What curl prints, and the status code. */
  private String call(Tunnel tunnel, String key) {
    return Command.of("curl", "--silent", "--show-error", "--max-time", "30", "--write-out", " %{http_code}")
        .with("--resolve", "shop.example:%d:127.0.0.1".formatted(tunnel.port()), "--cacert", folder.resolve("tls.crt").toString())
        .with("--header", "x-functions-key: " + key, "https://shop.example:%d/api/hello".formatted(tunnel.port()))
        .check();
  }

  private void certificate(String hostname) {
    String certificate = folder.resolve("tls.crt").toString();
    String key = folder.resolve("tls.key").toString();
    Command.of("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=" + hostname)
        .with("-addext", "subjectAltName=DNS:" + hostname, "-keyout", key, "-out", certificate)
        .check();
    namespace.kubectl("create", "secret", "tls", "shop-tls", "--cert", certificate, "--key", key).check();
  }

  private static String gateway() {
    return """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: public}
        spec:
          gatewayClassName: %s
          listeners:
            - name: https
              port: %d
              protocol: HTTPS
              hostname: shop.example
              tls: {certificateRefs: [{name: shop-tls}]}
        """
        .formatted(Traefik.CLASS, Traefik.HTTPS_PORT);
  }

  private static AppManifest hello(Map<String, Object> http) {
    return AppManifest.named("shop")
        .function(
            "hello",
            HELLO,
            Map.of("type", "httpTrigger", "direction", "in", "name", "req", "authLevel", "function"),
            Map.of("type", "http", "direction", "out", "name", "$return"))
        .spec("http", http);
  }
}
