package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.support.AppManifest;
import dev.functionapp.e2e.support.SideBySide;
import dev.functionapp.e2e.support.TestNamespace;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What kubectl shows of an app. */
@SideBySide
class KubectlE2E {

  private final TestNamespace namespace;

  KubectlE2E(TestNamespace namespace) {
    this.namespace = namespace;
  }

  @Test
  void getShowsWhetherAnAppIsReadyAndWhereItAnswers() {
    FunctionApp app = namespace.ready(AppManifest.named("shown").echo());

    List<String> lines = namespace.kubectl("get", "fa").check().lines().toList();
    assertThat(lines.get(0).split(" +")).containsExactly("NAME", "READY", "REASON", "PYTHON", "FUNCTIONS", "REPLICAS", "URL", "AGE");
    assertThat(lines.get(1).split(" +"))
        .startsWith("shown", "True", "Ready", "3.13", "1/1", "1/1", "http://shown." + namespace.name() + ".svc.cluster.local");
    assertThat(namespace.kubectl("get", "fa", "--output", "wide").check()).contains(app.status().latestReadyRevision());
    assertThat(namespace.kubectl("get", "all").check()).contains("functionapp.functionapp.dev/shown");
    namespace.kubectl("wait", "--for=condition=Ready", "fa/shown", "--timeout=5s").check();
  }

  @Test
  void explainTeachesTheFields() {
    assertThat(namespace.kubectl("explain", "fa.spec.scaling").check()).contains("minReplicas", "maxReplicas", "cooldownPeriod", "How often KEDA");
    assertThat(namespace.kubectl("explain", "fa.spec.source.inline.files").check()).contains("File content by path");
  }
}
