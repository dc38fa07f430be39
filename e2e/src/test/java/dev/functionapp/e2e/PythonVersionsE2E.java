package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.app.Status;
import dev.functionapp.e2e.install.OperatorChart;
import dev.functionapp.e2e.support.AppManifest;
import dev.functionapp.e2e.support.SideBySide;
import dev.functionapp.e2e.support.TestNamespace;
import org.junit.jupiter.api.Test;

@SideBySide
class PythonVersionsE2E {

  private static final String VERSION =
      """
      import sys
      import azure.functions as func

      async def main(req: func.HttpRequest) -> func.HttpResponse:
          return func.HttpResponse(f"{sys.version_info.major}.{sys.version_info.minor}")
      """;

  private final TestNamespace namespace;

  PythonVersionsE2E(TestNamespace namespace) {
    this.namespace = namespace;
  }

  @Test
  void anAppRunsOnTheVersionThatItAsksFor() {
    for (String version : OperatorChart.PYTHON_VERSIONS) {
      FunctionApp app = namespace.ready(app(version));
      namespace.awaitAnswer(app, "/api/version", version);
    }
  }

  @Test
  void aVersionThatIsNotOfferedIsAnsweredWithThoseThatAre() {
    FunctionApp app = namespace.apply(app("3.99"));

    Status.Condition refused = namespace.awaitFalse(app, "PackageReady", "PythonVersionNotOffered");
    assertThat(refused.message()).contains("spec.runtime.version").contains("3.99").contains(String.join(", ", OperatorChart.PYTHON_VERSIONS));
    assertThat(app.status().condition("Stalled").isTrue()).isTrue();
  }

  private static AppManifest app(String version) {
    return AppManifest.named("python" + version.replace('.', '-')).python(version).http("version", "version", VERSION);
  }
}
