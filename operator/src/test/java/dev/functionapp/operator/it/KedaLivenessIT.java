package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.functionapp.operator.reconciler.AddOns;
import dev.functionapp.operator.status.KedaSigns;
import dev.functionapp.operator.status.KedaSigns.Renewal;
import io.fabric8.kubernetes.api.model.APIServiceBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import sh.keda.v1alpha1.ScaledObject;
import sh.keda.v1alpha1.ScaledObjectStatus;
import sh.keda.v1alpha1.scaledobjectstatus.Conditions;

/** KEDA is installed and does not work. */
class KedaLivenessIT {

  private static final String APP = "frozen";
  private static final String API = "v1beta1.external.metrics.k8s.io";
  private static final String SPEC = "{source: {inline: {files: {function_app.py: frozen}}}}";
  private static final KedaSigns NO_METRICS =
      new KedaSigns(Optional.of("keda"), Optional.of("is not registered"), Optional.empty());

  private static Cluster cluster;

  @BeforeAll
  static void start() {
    cluster = Cluster.withKeda();
  }

  @AfterAll
  static void stop() {
    cluster.client.apiServices().withName(API).delete();
    cluster.close();
  }

  @Test
  @DisplayName("KEDA is down")
  void theStatusSaysSoAlsoAfterTheOperatorHasStartedAnewUntilKedaIsBack() {
    cluster.apply(APP, SPEC);
    new Preparer(cluster).prepare(APP, Preparer.QUEUE);
    cluster.awaitReason(APP, "ScalingReady", "KedaPending", 60);
    takeUp();
    cluster.awaitReason(APP, "ScalingReady", "Scaling", 30);
    new Workloads(cluster).succeed(APP, "queue-resize");
    cluster.awaitReason(APP, "Ready", "Ready", 30);

    cluster.kedaSigns.set(NO_METRICS);
    cluster.awaitReason(APP, "ScalingReady", "KedaUnavailable", 120);
    var down = cluster.condition(APP, "ScalingReady").orElseThrow();
    assertThat(down.getStatus().getValue()).isEqualTo("False");
    assertThat(down.getMessage()).contains("does not work", "is not registered");
    assertThat(cluster.condition(APP, "Ready").orElseThrow().getStatus().getValue())
        .isEqualTo("True");

    var version = cluster.app(APP).getMetadata().getResourceVersion();
    cluster.stopOperator();
    cluster.startOperator();
    cluster.awaitPassOverEveryApp();
    assertThat(cluster.app(APP).getMetadata().getResourceVersion()).isEqualTo(version);

    cluster.kedaSigns.set(Cluster.KEDA_WORKS);
    cluster.awaitReason(APP, "ScalingReady", "Scaling", 120);
  }

  @Test
  void theSignsAreReadFromTheApiServiceAndFromTheLeaseInItsNamespace() {
    var signs = AddOns.of(cluster.client).kedaSigns();
    assertThat(signs.get())
        .isEqualTo(
            new KedaSigns(Optional.empty(), Optional.of("is not registered"), Optional.empty()));

    registerMetricsApi();
    await("the API server's word on the API, whose Service is not there")
        .atMost(30, SECONDS)
        .until(() -> signs.get().metricsFault().orElse("").startsWith("has not been available s"));
    assertThat(signs.get().namespace()).contains(cluster.namespace);
    assertThat(signs.get().renewal()).isEmpty();

    var now = Instant.parse("2026-11-21T12:00:00.123456Z");
    renewLease(now);

    assertThat(signs.get().renewal()).contains(new Renewal(now, Duration.ofSeconds(15)));
    renewLease(now.plusSeconds(2));
    assertThat(signs.get().renewal())
        .contains(new Renewal(now.plusSeconds(2), Duration.ofSeconds(15)));
  }

  /** Says what KEDA says of a ScaledObject that it scales. */
  private static void takeUp() {
    var object = cluster.objects(ScaledObject.class, APP).getFirst();
    var ready = new Conditions();
    ready.setType("Ready");
    ready.setStatus("True");
    ready.setReason("ScaledObjectReady");
    var status = new ScaledObjectStatus();
    status.setConditions(List.of(ready));
    object.setStatus(status);
    cluster.client.resource(object).patchStatus();
  }

  private static void registerMetricsApi() {
    cluster
        .client
        .resource(
            new APIServiceBuilder()
                .withNewMetadata()
                .withName(API)
                .endMetadata()
                .withNewSpec()
                .withGroup("external.metrics.k8s.io")
                .withVersion("v1beta1")
                .withGroupPriorityMinimum(100)
                .withVersionPriority(100)
                .withInsecureSkipTLSVerify(true)
                .withNewService()
                .withNamespace(cluster.namespace)
                .withName("keda-metrics-apiserver")
                .withPort(443)
                .endService()
                .endSpec()
                .build())
        .create();
  }

  /** Does what KEDA's operator does every two seconds. */
  private static void renewLease(Instant at) {
    cluster
        .client
        .resource(
            new LeaseBuilder()
                .withNewMetadata()
                .withNamespace(cluster.namespace)
                .withName("operator.keda.sh")
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity("keda-operator")
                .withLeaseDurationSeconds(15)
                .withRenewTime(at.atZone(ZoneOffset.UTC))
                .endSpec()
                .build())
        .fieldManager("it")
        .forceConflicts()
        .serverSideApply();
  }
}
