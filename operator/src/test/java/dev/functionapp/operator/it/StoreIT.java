package dev.functionapp.operator.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** What becomes of apps while the package store is away. */
// Waits for longest, so it begins first.
@Order(1)
class StoreIT {

  private static final String SPEC = "{source: {inline: {files: {function_app.py: \"%s\"}}}}";

  private Azurite azurite;
  private Cluster cluster;

  @BeforeEach
  void start() {
    azurite = new Azurite();
    cluster = new Cluster(azurite);
  }

  @AfterEach
  void stop() {
    try {
      if (cluster != null) {
        cluster.close();
      }
    } finally {
      if (azurite != null) {
        azurite.close();
      }
    }
  }

  @Test
  void whatRunsIsLeftAloneAndWhatIsNewWaits() {
    cluster.apply("running", SPEC.formatted("first"));
    new Preparer(cluster).prepare("running", Preparer.HTTP);
    cluster.awaitReason("running", "Ready", "RollingOut", 30);
    var before = cluster.deployment("running", "http").orElseThrow();

    azurite.stop();
    cluster.apply("running", SPEC.formatted("second"));

    cluster.awaitReason("running", "PackageReady", "PackageStoreUnavailable", 60);
    assertThat(status("Reconciling")).isEqualTo("True");
    assertThat(status("Stalled")).isEqualTo("False");
    assertThat(cluster.objects(Deployment.class, "running")).containsExactly(before);
    assertThat(cluster.objects(ConfigMap.class, "running")).isNotEmpty();

    azurite.start();

    cluster.awaitReason("running", "PackageReady", "Preparing", 90);
  }

  private String status(String type) {
    return cluster.condition("running", type).orElseThrow().getStatus().getValue();
  }
}
