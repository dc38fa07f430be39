package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.app.Status;
import dev.functionapp.e2e.storage.Tunnel;
import dev.functionapp.e2e.support.AppManifest;
import dev.functionapp.e2e.support.SideBySide;
import dev.functionapp.e2e.support.TestNamespace;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who may call an app's functions. */
@SideBySide
class HttpE2E {

  private static final String HELLO =
      """
      import azure.functions as func

      async def main(req: func.HttpRequest) -> func.HttpResponse:
          return func.HttpResponse("hello")
      """;
  private static final String ORIGIN = "https://shop.example";

  /** The kubelet looks at Secrets that are mounted about once a minute. */
  private static final Duration MOUNTED = Duration.ofMinutes(3);

  private final TestNamespace namespace;

  HttpE2E(TestNamespace namespace) {
    this.namespace = namespace;
  }

  @Test
  void aFunctionWantsItsKeyAndTakesANewOneWithoutARestart() throws IOException {
    FunctionApp app = namespace.ready(closed("closed"));
    String key = app.functionKey();

    assertThat(app.http().get("/api/hello").status()).isEqualTo(401);
    assertThat(app.http().get("/api/hello", "wrong").status()).isEqualTo(401);
    assertThat(app.http().get("/api/hello", key).text()).isEqualTo("hello");
    assertThat(app.http().get("/api/hello?code=" + key).text()).isEqualTo("hello");

    String pod = app.pods("http").getFirst().getMetadata().getName();
    namespace
        .kubectl("patch", "secret", app.keys().getMetadata().getName(), "--patch", "{\"stringData\": {\"host.function.default\": \"rotated\"}}")
        .check();
    namespace.await("the new key to open", MOUNTED, () -> app.http().get("/api/hello", "rotated").status() == 200);
    assertThat(app.http().get("/api/hello", key).status()).isEqualTo(401);
    assertThat(app.pods("http")).singleElement().satisfies(same -> {
      assertThat(same.getMetadata().getName()).isEqualTo(pod);
      assertThat(same.getStatus().getContainerStatuses().getFirst().getRestartCount()).isZero();
    });
  }

  /** The app waits for the Secret with keys of the user's own, and becomes ready with it. */
  @Test
  void keysThatAreNamedAreWaitedFor() throws IOException {
    FunctionApp app = namespace.apply(closed("waiting").spec("http", Map.of("keys", Map.of("secretRef", Map.of("name", "own-keys")))));

    Status.Condition ready = namespace.awaitCondition(app, "Ready", condition -> condition.message().contains("own-keys"));
    assertThat(ready.isFalse()).isTrue();

    namespace.kubectl("create", "secret", "generic", "own-keys", "--from-literal", "functions.hello.partner=sesame").check();
    namespace.await("the app to be ready", MOUNTED, app::isReady);
    assertThat(app.http().get("/api/hello", "sesame").text()).isEqualTo("hello");
  }

  /** The API server would take the headers out, so this goes to the pod itself. */
  @Test
  void workersAnswerCorsPreflightRequests() throws Exception {
    FunctionApp app =
        namespace.ready(closed("shared").spec("http", Map.of("cors", Map.of("allowedOrigins", List.of(ORIGIN), "supportCredentials", true))));

    try (Tunnel tunnel = Tunnel.open(namespace.client(), namespace.name(), "shared", 8080)) {
      HttpResponse<String> allowed = preflight(tunnel, ORIGIN);
      assertThat(allowed.statusCode()).isEqualTo(204);
      assertThat(allowed.headers().firstValue("Access-Control-Allow-Origin")).contains(ORIGIN);
      assertThat(allowed.headers().firstValue("Access-Control-Allow-Credentials")).contains("true");
      assertThat(preflight(tunnel, "https://elsewhere.example").headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
    }
  }

  private static AppManifest closed(String name) {
    return AppManifest.named(name)
        .function(
            "hello",
            HELLO,
            Map.of("type", "httpTrigger", "direction", "in", "name", "req", "authLevel", "function"),
            Map.of("type", "http", "direction", "out", "name", "$return"));
  }

  private static HttpResponse<String> preflight(Tunnel tunnel, String origin) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + tunnel.port() + "/api/hello"))
            .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "POST")
            .timeout(Duration.ofSeconds(30))
            .build();
    try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    }
  }
}
