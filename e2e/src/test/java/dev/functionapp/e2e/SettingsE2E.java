package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.support.AppManifest;
import dev.functionapp.e2e.support.SideBySide;
import dev.functionapp.e2e.support.TestNamespace;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** App settings are the environment of the functions, and a change of them is a rollout. */
@SideBySide
class SettingsE2E {

  private final TestNamespace namespace;

  SettingsE2E(TestNamespace namespace) {
    this.namespace = namespace;
  }

  @Test
  void settingsOfEverySourceReachTheFunctionAndTheLaterOneWins() {
    namespace.client().resource(configMap("shared", Map.of("FROM_MAP", "map", "A", "map", "B", "map", "C", "map"))).serverSideApply();
    namespace.client()
        .resource(
            new SecretBuilder()
                .withNewMetadata().withName("hidden").withNamespace(namespace.name()).endMetadata()
                .addToStringData(Map.of("FROM_SECRET", "secret", "A", "secret", "B", "secret", "C", "secret", "key", "one entry"))
                .build())
        .serverSideApply();

    FunctionApp app =
        namespace.ready(
            AppManifest.named("layers")
                .echo()
                .spec("settingsFrom", List.of(Map.of("configMapRef", Map.of("name", "shared")), Map.of("secretRef", Map.of("name", "hidden"))))
                .spec("settings", Map.of("OWN", "own", "B", "own", "C", "own", "With-Dash", "dash"))
                .spec(
                    "env",
                    List.of(
                        Map.of("name", "C", "value", "env"),
                        Map.of("name", "ENTRY", "valueFrom", Map.of("secretKeyRef", Map.of("name", "hidden", "key", "key"))))));

    Map.of("FROM_MAP", "map", "FROM_SECRET", "secret", "OWN", "own", "A", "secret", "B", "own", "C", "env", "ENTRY", "one entry", "With-Dash", "dash")
        .forEach((name, value) -> namespace.awaitAnswer(app, "/api/env/" + name, value));
    assertThat(namespace.kubectl("get", "configmaps,functionapps,jobs,deployments", "--output", "yaml").check())
        .as("what can be read without reading Secrets")
        .doesNotContain("one entry");
  }

  @Test
  void changedSettingRollsOutWithoutAnotherBuild() {
    AppManifest manifest = AppManifest.named("changing").echo();
    FunctionApp app = namespace.ready(manifest.setting("COLOUR", "blue"));
    namespace.awaitAnswer(app, "/api/env/COLOUR", "blue");
    String before = app.status().latestReadyRevision();

    namespace.ready(manifest.setting("COLOUR", "green"));

    namespace.awaitAnswer(app, "/api/env/COLOUR", "green");
    assertThat(app.status().latestReadyRevision()).isNotEqualTo(before);
  }

  @Test
  void changedConfigMapRollsOut() {
    namespace.client().resource(watched("labelled", Map.of("LABELLED", "1"))).serverSideApply();
    namespace.client().resource(configMap("unlabelled", Map.of("UNLABELLED", "1"))).serverSideApply();
    FunctionApp app =
        namespace.ready(
            AppManifest.named("following")
                .echo()
                .spec("settingsFrom", List.of(Map.of("configMapRef", Map.of("name", "labelled")), Map.of("configMapRef", Map.of("name", "unlabelled")))));
    namespace.awaitAnswer(app, "/api/env/LABELLED", "1");

    namespace.client().resource(watched("labelled", Map.of("LABELLED", "2"))).serverSideApply();
    namespace.awaitAnswer(app, "/api/env/LABELLED", "2");
    namespace.client().resource(configMap("unlabelled", Map.of("UNLABELLED", "2"))).serverSideApply();
    namespace.awaitAnswer(app, "/api/env/UNLABELLED", "2");
  }

  @Test
  void aRotatedSecretReachesRunningWorkers() {
    SecretBuilder secret =
        new SecretBuilder().withNewMetadata().withName("rotating").withNamespace(namespace.name()).endMetadata().addToStringData("TOKEN", "first");
    namespace.client().resource(secret.build()).serverSideApply();
    FunctionApp app =
        namespace.ready(AppManifest.named("rotated").echo().spec("settingsFrom", List.of(Map.of("secretRef", Map.of("name", "rotating")))));
    namespace.awaitAnswer(app, "/api/env/TOKEN", "first");
    String pod = app.pods("http").getFirst().getMetadata().getName();

    namespace.client().resource(secret.addToStringData("TOKEN", "second").build()).serverSideApply();

    namespace.await("the new value", Duration.ofMinutes(3), () -> app.http().get("/api/env/TOKEN").text().equals("second"));
    assertThat(app.pods("http")).singleElement().satisfies(same -> {
      assertThat(same.getMetadata().getName()).isEqualTo(pod);
      assertThat(same.getStatus().getContainerStatuses().getFirst().getRestartCount()).isZero();
    });
  }

  @Test
  void changedSourceConfigMapIsANewRevision() {
    AppManifest files = AppManifest.named("sourced").echo();
    namespace.client().resource(watched("code", files.keyed())).serverSideApply();
    FunctionApp app = namespace.ready(files.fromConfigMap("code"));
    namespace.awaitAnswer(app, "/api/env/MISSING", "(not set)");

    Map<String, String> changed = files.keyed();
    changed.replaceAll((key, text) -> text.replace("(not set)", "(unset)"));
    namespace.client().resource(watched("code", changed)).serverSideApply();

    namespace.awaitAnswer(app, "/api/env/MISSING", "(unset)");
  }

  private ConfigMap watched(String name, Map<String, String> data) {
    return configMap(name, data).edit().editMetadata().addToLabels("functionapp.dev/watch", "true").endMetadata().build();
  }

  private ConfigMap configMap(String name, Map<String, String> data) {
    return new ConfigMapBuilder().withNewMetadata().withName(name).withNamespace(namespace.name()).endMetadata().withData(data).build();
  }
}
