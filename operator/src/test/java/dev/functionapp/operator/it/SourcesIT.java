package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Volume;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Apps from archives, registries and images: what is asked for, what is found, what heals. */
class SourcesIT {

  private static final String ARCHIVE =
      "{source: {archive: {url: \"https://downloads.example/orders.zip\", sha256: \"%s\"}}}";

  private static Cluster cluster;
  private static Preparer preparer;
  private static Kubelet kubelet;

  @BeforeAll
  static void start() {
    cluster = new Cluster();
    preparer = new Preparer(cluster);
    kubelet = new Kubelet(cluster);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  @DisplayName("Another content than the digest's stalls the app until it is mended")
  void anArchiveWithAnotherContent() {
    cluster.apply("archive", ARCHIVE.formatted("a".repeat(64)));
    var first = kubelet.job("archive", "prepare");
    assertThat(Kubelet.source(first, "build"))
        .isEqualTo(
            "{\"kind\":\"archive\",\"url\":\"https://downloads.example/orders.zip\",\"sha256\":\"%s\"}"
                .formatted("a".repeat(64)));

    kubelet.failForMistake(first, "ChecksumMismatch", "another content");

    cluster.awaitReason("archive", "Stalled", "ChecksumMismatch", 30);
    cluster.reconcileAt("archive", "1");
    var second = kubelet.jobAfter(first, "archive", "prepare");
    kubelet.failForMistake(second, "ChecksumMismatch", "another content");
    cluster.awaitReason("archive", "Stalled", "ChecksumMismatch", 30);
    assertThat(cluster.app("archive").getStatus().getLastHandledReconcileAt()).isEqualTo("1");

    cluster.apply("archive", ARCHIVE.formatted("b".repeat(64)));
    cluster.awaitReason("archive", "Ready", "Preparing", 30);
  }

  @Test
  @DisplayName("A Secret that is missing is named, and another one takes its place")
  void aSecretThatIsMissing() {
    var spec =
        "{source: {oci: {url: \"oci://registry.example/orders\", digest: \"sha256:%s\", secretRef:"
            + " {name: %s}}}}";
    cluster.apply("secret", spec.formatted("a".repeat(64), "nosuch"));
    var first = kubelet.job("secret", "prepare");

    kubelet.waitForVolumes(first);

    await("the Secret's name")
        .atMost(30, SECONDS)
        .until(() ->
            cluster.condition("secret", "Ready").orElseThrow().getMessage().contains("\"nosuch\""));
    assertThat(cluster.condition("secret", "Reconciling").orElseThrow().getStatus().getValue())
        .isEqualTo("True");
    var revision = cluster.app("secret").getStatus().getLatestCreatedRevision();

    cluster.apply("secret", spec.formatted("a".repeat(64), "registry"));

    var second = kubelet.jobAfter(first, "secret", "prepare");
    assertThat(second.getSpec().getTemplate().getSpec().getVolumes())
        .filteredOn(volume -> volume.getName().equals("credentials"))
        .extracting(Volume::getSecret)
        .singleElement()
        .satisfies(secret -> {
          assertThat(secret.getSecretName()).isEqualTo("registry");
          assertThat(secret.getOptional()).isNull();
        });
    assertThat(cluster.app("secret").getStatus().getLatestCreatedRevision()).isEqualTo(revision);
  }

  @Test
  @DisplayName("An image is verified and run as it is")
  void anImageIsVerifiedAndRunAsItIs() {
    cluster.apply(
        "image",
        "{source: {image: {name: \"registry.example/orders:1.4.2\", pullSecrets: [{name:"
            + " registry}]}}}");
    var pod = kubelet.job("image", "prepare").getSpec().getTemplate().getSpec();
    assertThat(pod.getInitContainers()).isEmpty();
    assertThat(pod.getContainers())
        .extracting(Container::getImage)
        .containsExactly("registry.example/orders:1.4.2");
    assertThat(pod.getImagePullSecrets())
        .extracting(LocalObjectReference::getName)
        .containsExactly("registry");

    preparer.prepareImage("image", Preparer.HTTP);

    cluster.awaitReason("image", "Ready", "RollingOut", 30);
    var worker =
        cluster.deployment("image", "http").orElseThrow().getSpec().getTemplate().getSpec();
    assertThat(worker.getContainers())
        .extracting(Container::getImage)
        .containsExactly("registry.example/orders:1.4.2");
    assertThat(worker.getImagePullSecrets())
        .extracting(LocalObjectReference::getName)
        .containsExactly("registry");
    cluster.awaitRunning("image", "registry.example/orders:1.4.2");
  }
}
