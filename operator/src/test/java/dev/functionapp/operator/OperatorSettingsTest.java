package dev.functionapp.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OperatorSettingsTest {

  private static final String CONNECTION =
      "AccountName=a;AccountKey=c2VjcmV0;BlobEndpoint=http://store/a;";

  private static final Map<String, String> REQUIRED =
      Map.of(
          "OPERATOR_NAMESPACE", "operators",
          "POD_NAME", "operator-0",
          "WORKER_IMAGES", "{\"3.13\": \"worker:3.13\"}",
          "PACKAGE_STORE_CONNECTION_STRING", CONNECTION,
          "FUNCAPP_SCALING_ENDPOINT", "http://operator.operators.svc:8082");

  @Test
  void theRequiredVariablesAreEnough() {
    var settings = OperatorSettings.from(REQUIRED);

    assertThat(settings.controller().watchNamespaces()).isEmpty();
    assertThat(settings.controller().leaderElection()).isTrue();
    assertThat(settings.managementPort()).isEqualTo(8080);
    assertThat(settings.scalingPort()).isEqualTo(8082);
    assertThat(settings.platform().workerImages()).containsEntry("3.13", "worker:3.13");
    assertThat(settings.platform().clusterDomain()).isEqualTo("cluster.local");
    assertThat(settings.platform().podLabels()).isEmpty();
    assertThat(settings.platform().scalingEndpoint())
        .hasToString("http://operator.operators.svc:8082");
    assertThat(settings.platform().evaluationStorage()).isEmpty();
  }

  @Test
  void everyVariableIsRead(@TempDir Path folder) throws IOException {
    var ca = Files.writeString(folder.resolve("ca.crt"), "PEM");
    var environment = new HashMap<>(REQUIRED);
    environment.put("WATCH_NAMESPACES", "shop, mail,");
    environment.put("IMAGE_PULL_POLICY", "Never");
    environment.put("WORKER_POD_LABELS", "{\"azure.workload.identity/use\": \"true\"}");
    environment.put("PACKAGE_STORE_URL_FOR_WORKERS", "http://pods/a");
    environment.put("EVALUATION_STORAGE_CONNECTION_STRING", CONNECTION);
    environment.put("PIP_INDEX_URL", "https://pypi.example/simple");
    environment.put("PIP_ARGUMENTS", "--pre");
    environment.put("TRUSTED_CA_FILE", ca.toString());
    environment.put("CLUSTER_DOMAIN", "example.internal");
    environment.put("BUILD_MEMORY_LIMIT", "4Gi");
    environment.put("BUILD_SOURCE_DISTRIBUTIONS", "false");
    environment.put("SOURCES_PRIVATE_NETWORKS", "true");
    environment.put("ALLOWED_IMAGES", "registry.example/team, registry.example/base");
    environment.put("MANAGEMENT_PORT", "9000");
    environment.put("FUNCAPP_SCALING_PORT", "9002");
    environment.put("LEADER_ELECTION", "false");
    environment.put("RECONCILE_THREADS", "3");

    var settings = OperatorSettings.from(environment);

    assertThat(settings.controller().watchNamespaces()).containsExactlyInAnyOrder("shop", "mail");
    assertThat(settings.controller().leaderElection()).isFalse();
    assertThat(settings.controller().threads()).isEqualTo(3);
    assertThat(settings.packageStoreUrlForWorkers()).contains("http://pods/a");
    assertThat(settings.managementPort()).isEqualTo(9000);
    assertThat(settings.scalingPort()).isEqualTo(9002);
    var platform = settings.platform();
    assertThat(platform.imagePullPolicy()).isEqualTo("Never");
    assertThat(platform.podLabels()).containsExactly(entry("azure.workload.identity/use", "true"));
    assertThat(platform.evaluationStorage()).contains(CONNECTION);
    assertThat(platform.pipIndexUrl()).isEqualTo("https://pypi.example/simple");
    assertThat(platform.pipArguments()).isEqualTo("--pre");
    assertThat(platform.trustedCa()).contains("PEM");
    assertThat(platform.clusterDomain()).isEqualTo("example.internal");
    assertThat(platform.buildMemoryLimit()).isEqualTo("4Gi");
    assertThat(platform.sourceDistributions()).isFalse();
    assertThat(platform.privateNetworks()).isTrue();
    assertThat(platform.allowedImages().repositories())
        .containsExactly("registry.example/team", "registry.example/base");
  }

  @Test
  void everyWrongVariableIsNamedAtOnceAndNoSecret() {
    var environment =
        Map.of(
            "POD_NAME", "operator-0",
            "WORKER_IMAGES", "{\"3.x\": \"worker\"}",
            "PACKAGE_STORE_CONNECTION_STRING", "c2VjcmV0",
            "MANAGEMENT_PORT", "http",
            "FUNCAPP_SCALING_ENDPOINT", "operator:8082/scaling",
            "LEADER_ELECTION", "yes",
            "SOURCES_PRIVATE_NETWORKS", "10.0.0.0/8",
            "IMAGE_PULL_POLICY", "Sometimes",
            "WORKER_POD_LABELS", "azure.workload.identity/use=true",
            "TRUSTED_CA_FILE", "/nowhere/ca.crt");

    assertThatThrownBy(() -> OperatorSettings.from(environment))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(
            "OPERATOR_NAMESPACE is missing",
            "WORKER_IMAGES needs an image",
            "PACKAGE_STORE_CONNECTION_STRING is not a connection string",
            "MANAGEMENT_PORT is \"http\"",
            "FUNCAPP_SCALING_ENDPOINT is \"operator:8082/scaling\", not a URL like http://",
            "LEADER_ELECTION is \"yes\"",
            "SOURCES_PRIVATE_NETWORKS is \"10.0.0.0/8\", not one of false, true",
            "IMAGE_PULL_POLICY is \"Sometimes\"",
            "WORKER_POD_LABELS is not a JSON object",
            "TRUSTED_CA_FILE names a file that cannot be read: /nowhere/ca.crt")
        .hasMessageNotContaining("c2VjcmV0");
  }

  @Test
  void noTextOfTheSettingsHoldsASecret() {
    var environment = new HashMap<>(REQUIRED);
    environment.put("EVALUATION_STORAGE_CONNECTION_STRING", CONNECTION);

    assertThat(OperatorSettings.from(environment).toString()).doesNotContain("c2VjcmV0");
  }
}
