package dev.functionapp.operator.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Settings out of ConfigMaps. */
@DisplayName("Settings are taken from ConfigMaps")
class SettingsIT {

  private static final String SPEC =
      "{source: {inline: {files: {function_app.py: x}}}, settingsFrom: [{configMapRef: {name:"
          + " one}}, {configMapRef: {name: other}}]}";

  private static Cluster cluster;

  @BeforeAll
  static void start() {
    cluster = new Cluster();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  @DisplayName("More than a revision can keep is refused before anything is built, and heals")
  void moreThanARevisionCanKeep() {
    write("one", 600_000);
    write("other", 600_000);
    cluster.apply("large", SPEC);

    cluster.awaitReason("large", "Stalled", "SettingsTooLarge", 60);
    assertThat(cluster.condition("large", "Ready").orElseThrow().getMessage())
        .contains("1048576", "the ConfigMap \"one\" 600", "the ConfigMap \"other\" 600");
    assertThat(cluster.objects(Job.class, "large")).isEmpty();

    write("other", 400_000);

    cluster.awaitReason("large", "Ready", "Preparing", 60);
    new Preparer(cluster).prepare("large", Preparer.HTTP);
    cluster.awaitReason("large", "PackageReady", "Prepared", 60);
    assertThat(cluster.objects(ControllerRevision.class, "large")).hasSize(1);
  }

  private static void write(String name, int length) {
    cluster
        .client
        .resource(
            new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(cluster.namespace)
                // Seen at once.
                .withLabels(Map.of("functionapp.dev/watch", "true"))
                .endMetadata()
                .withData(Map.of("KEY_" + name.toUpperCase(Locale.ROOT), "x".repeat(length)))
                .build())
        .fieldManager("it")
        .forceConflicts()
        .serverSideApply();
  }
}
