package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.functionapp.operator.reconciler.ControllerProcess;
import dev.functionapp.operator.resources.Names;
import dev.functionapp.operator.scaling.GroupScaler;
import dev.functionapp.operator.scaling.Recommendation;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The scaling endpoint's view of a cluster, on a replica of the operator that does not lead. */
class ScalingIT {

  private static final String TIMER =
      """
      {"minReplicas": 0, "maxReplicas": 1, "timerLeadSeconds": 35,
       "functions": {"nightly": "timerTrigger"}, "revision": "3f9c0a12be"}\
      """;

  private static final String BY_AGE =
      """
      {"minReplicas": 0, "maxReplicas": 20, "messageAgeSeconds": 30,
       "functions": {"resize": "queueTrigger"}, "revision": "3f9c0a12be"}\
      """;

  private static final String LATE =
      """
      {"queues": [{"function": "resize", "queue": "photos", "length": 900, "visible": 32,
                   "oldestMessageAgeSeconds": 48, "working": 20, "newBatchThreshold": 8}]}\
      """;

  private static Cluster cluster;
  private static Workloads workloads;
  private static ControllerProcess standby;

  @BeforeAll
  static void start() {
    cluster = Cluster.withKeda();
    workloads = new Workloads(cluster);
    cluster
        .client
        .resource(
            new ServiceAccountBuilder()
                .withNewMetadata()
                .withNamespace(cluster.namespace)
                .withName("default")
                .endMetadata()
                .build())
        .create();
    letAnotherLead();
    standby = cluster.startReplica("standby");
  }

  @AfterAll
  static void stop() {
    standby.stop();
    cluster.close();
  }

  @Test
  @DisplayName("Every replica of the operator answers, also while it does not lead")
  void aReplicaThatDoesNotLeadKnowsTheGroups() {
    try (var worker = new Worker(LATE)) {
      group("photos", BY_AGE, 2, worker);

      var found = awaitRecommendation(standby, "photos", Recommendation.Reason.MessageAge);

      assertThat(found.replicas()).isEqualTo(2);
      assertThat(found.message()).isEqualTo("resize: oldest message 48 s > 30 s");
      assertThat(standby.scaler().answer(cluster.namespace, "photos", "http"))
          .isInstanceOf(GroupScaler.NotFound.class);
    }
  }

  @Test
  @DisplayName("When a timer is due outlives pods and operators")
  void wakeTimesAreKept() {
    var due = Instant.now().plus(Duration.ofHours(2)).truncatedTo(ChronoUnit.SECONDS);
    var report =
        """
        {"now": "%s", "timers": [{"function": "nightly", "nextOccurrence": "%s", "running": false}]}
        """
            .formatted(Instant.now(), due);
    String name;
    try (var worker = new Worker(report)) {
      name = group("reports", TIMER, 1, worker);

      awaitRecommendation(standby, "reports", Recommendation.Reason.Idle);
      var kept = deployment(name);
      assertThat(kept.getMetadata().getAnnotations().get("functionapp.dev/wake"))
          .isEqualTo("{\"revision\":\"3f9c0a12be\",\"next\":{\"nightly\":\"%s\"}}".formatted(due));
      assertThat(kept.getMetadata().getManagedFields())
          .anyMatch(entry -> "functionapp-operator-wake".equals(entry.getManager()));

      int before = worker.asked();
      await("further reports")
          .atMost(30, SECONDS)
          .until(() -> {
            assertThat(recommendation(standby, "reports").orElseThrow().replicas()).isZero();
            return worker.asked() > before + 2;
          });
      assertThat(deployment(name).getMetadata().getResourceVersion())
          .isEqualTo(kept.getMetadata().getResourceVersion());
    }

    cluster.client.pods().inNamespace(cluster.namespace).withName(name + "-1-x").delete();
    var restarted = cluster.startReplica("restarted");
    try {
      awaitRecommendation(restarted, "reports", Recommendation.Reason.Idle);
      cluster.clock.advance(Duration.between(cluster.clock.instant(), due.minusSeconds(34)));
      awaitRecommendation(restarted, "reports", Recommendation.Reason.Timer);
      assertThat(recommendation(restarted, "reports").orElseThrow().message())
          .isEqualTo("nightly: due at " + due);
    } finally {
      restarted.stop();
    }
  }

  private static void letAnotherLead() {
    cluster
        .client
        .resource(
            new LeaseBuilder()
                .withNewMetadata()
                .withNamespace(cluster.namespace)
                .withName("functionapp-operator")
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity("another")
                .withLeaseDurationSeconds(15)
                .withAcquireTime(ZonedDateTime.now(ZoneOffset.UTC))
                // The elector adds its own duration to this, whatever the lease says.
                .withRenewTime(ZonedDateTime.now(ZoneOffset.UTC).plusHours(10))
                .endSpec()
                .build())
        .create();
  }

  /** A Deployment with one pod that is ready, as its controllers would make them. */
  private static String group(String app, String scaling, int replicas, Worker worker) {
    var name = Names.of(app, "queue-resize");
    var labels =
        """
        {app.kubernetes.io/managed-by: functionapp-operator, functionapp.dev/app: %s,
         functionapp.dev/group: %s, functionapp.dev/revision: 3f9c0a12be}\
        """
            .formatted(app, name);
    var deployment =
        create(
            Deployment.class,
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: %1$s, labels: %2$s, annotations: {functionapp.dev/scaling: '%3$s'}}
            spec:
              replicas: %4$d
              selector: {matchLabels: %2$s}
              template: {metadata: {labels: %2$s}, spec: {containers: [{name: worker, image: worker}]}}
            """
                .formatted(name, labels, scaling, replicas));
    workloads.readyPod(deployment, worker.address);
    return name;
  }

  private static <T extends HasMetadata> T create(Class<T> kind, String yaml) {
    var object = cluster.client.getKubernetesSerialization().unmarshal(yaml, kind);
    object.getMetadata().setNamespace(cluster.namespace);
    return cluster.client.resource(object).create();
  }

  private static Deployment deployment(String name) {
    return cluster.client.apps().deployments().inNamespace(cluster.namespace).withName(name).get();
  }

  private static Recommendation awaitRecommendation(
      ControllerProcess operator, String app, Recommendation.Reason reason) {
    await(app + " is scaled for " + reason)
        .atMost(30, SECONDS)
        .until(() ->
            recommendation(operator, app).filter(found -> found.reason() == reason).isPresent());
    return recommendation(operator, app).orElseThrow();
  }

  private static Optional<Recommendation> recommendation(ControllerProcess operator, String app) {
    return operator.scaler().answer(cluster.namespace, app, "queue-resize")
            instanceof GroupScaler.Recommended(var found)
        ? Optional.of(found)
        : Optional.empty();
  }
}
