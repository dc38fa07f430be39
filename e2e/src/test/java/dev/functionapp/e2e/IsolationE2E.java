package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.support.AppManifest;
import dev.functionapp.e2e.support.Environment;
import dev.functionapp.e2e.support.SideBySide;
import dev.functionapp.e2e.support.TestNamespace;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An app has its own versions of what the worker uses, too, and neither disturbs the other. */
@SideBySide
class IsolationE2E {

  private static final String VERSIONS =
      """
      import aiohttp
      import azure.core
      import azure.functions as func

      def main(req: func.HttpRequest) -> func.HttpResponse:
          return func.HttpResponse(f"{azure.core.__version__} {aiohttp.__version__}")
      """;

  private final Environment environment;
  private final TestNamespace namespace;

  IsolationE2E(Environment environment, TestNamespace namespace) {
    this.environment = environment;
    this.namespace = namespace;
  }

  @Test
  void anAppThatPinsOldStorageAndHttpLibrariesWorks() {
    String queue = namespace.unique("old");
    FunctionApp app =
        namespace.ready(
            AppManifest.named("pinned")
                .python("3.11")
                .file("requirements.txt", "azure-functions\nazure-core==1.20.0\naiohttp==3.8.3\n")
                .http("versions", "versions", VERSIONS)
                .function(
                    "work",
                    "import aiohttp, azure.core\n" + AppManifest.WORK,
                    Map.of("type", "queueTrigger", "direction", "in", "name", "msg", "queueName", queue, "connection", "AzureWebJobsStorage"),
                    Map.of("type", "blob", "direction", "out", "name", "done", "path", queue + "/{id}", "connection", "AzureWebJobsStorage")));

    namespace.awaitAnswer(app, "/api/versions", "1.20.0 3.8.3");
    environment.storage().send(queue, "{\"id\": \"processed\"}");
    namespace.await("the message to be processed", Duration.ofMinutes(1), () -> environment.storage().blobs(queue, "processed").size() == 1);
    assertThat(environment.storage().queueLength(queue + "-poison")).isZero();
  }
}
