package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import sh.keda.v1alpha1.ScaledObject;

/** Who decides how many replicas there are, while KEDA comes and goes. */
class ReplicasIT {

  private static final String SPEC = "{source: {inline: {files: {function_app.py: \"%s\"}}}}";

  private static Cluster cluster;
  private static Preparer preparer;

  @BeforeAll
  static void start() {
    cluster = new Cluster();
    preparer = new Preparer(cluster);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void replicasNeverJumpWhenKedaComesAndGoes() {
    deploy("scaled");
    assertThat(replicas("scaled")).isEqualTo(1);
    scale("scaled", 3);

    cluster.kedaInstalled.set(true);
    cluster.awaitReason("scaled", "ScalingReady", "KedaPending", 60);
    assertThat(cluster.objects(ScaledObject.class, "scaled")).hasSize(1);
    assertThat(replicas("scaled")).isEqualTo(3);
    assertThat(owners("scaled")).doesNotContainKey("functionapp-operator").isNotEmpty();

    scale("scaled", 5);
    cluster.apply("scaled", SPEC.formatted("changed"));
    preparer.prepare("scaled", Preparer.QUEUE);
    await("the changed revision")
        .atMost(30, SECONDS)
        .until(() -> revision("scaled").equals(latest("scaled")));
    assertThat(replicas("scaled")).isEqualTo(5);

    deploy("fresh");
    assertThat(replicas("fresh")).isZero();
    assertThat(owners("fresh")).containsOnlyKeys("functionapp-operator-replicas");
    scale("fresh", 2);

    cluster.kedaInstalled.set(false);
    cluster.awaitReason("fresh", "ScalingReady", "KedaNotInstalled", 60);
    cluster.awaitReason("scaled", "ScalingReady", "KedaNotInstalled", 60);
    assertThat(replicas("scaled")).isEqualTo(5);
    assertThat(replicas("fresh")).isEqualTo(2);
    assertThat(owners("fresh")).containsKey("functionapp-operator");
  }

  @Test
  void withoutKedaTheMinimumThatIsAskedForHolds() {
    deploy("fixed");
    scale("fixed", 4);

    cluster.apply("fixed", spec("fixed", 2));

    await("the new minimum").atMost(30, SECONDS).until(() -> replicas("fixed") == 2);
  }

  private static String spec(String source, int minReplicas) {
    return "{source: {inline: {files: {function_app.py: \"%s\"}}}, scaling: {minReplicas: %d}}"
        .formatted(source, minReplicas);
  }

  private static void deploy(String app) {
    cluster.apply(app, SPEC.formatted(app));
    preparer.prepare(app, Preparer.QUEUE);
    await("its Deployment")
        .atMost(30, SECONDS)
        .until(() -> cluster.deployment(app, "queue-resize").isPresent());
    cluster.awaitReason(app, "PackageReady", "Prepared", 30);
  }

  private static String latest(String app) {
    return cluster.app(app).getStatus().getLatestCreatedRevision();
  }

  private static Deployment queueGroup(String app) {
    return cluster.deployment(app, "queue-resize").orElseThrow();
  }

  private static int replicas(String app) {
    return queueGroup(app).getSpec().getReplicas();
  }

  private static String revision(String app) {
    return queueGroup(app).getMetadata().getLabels().get("functionapp.dev/revision");
  }

  /** Does what KEDA and the HPA do. */
  private static void scale(String app, int replicas) {
    cluster.client.apps().deployments().resource(queueGroup(app)).scale(replicas);
  }

  /** Who owns {@code spec.replicas}. */
  private static Map<String, Object> owners(String app) {
    var owners = new TreeMap<String, Object>();
    queueGroup(app)
        .getMetadata()
        .getManagedFields()
        .forEach(entry -> {
          var spec = entry.getFieldsV1().getAdditionalProperties().get("f:spec");
          if (spec instanceof Map<?, ?> fields && fields.containsKey("f:replicas")) {
            owners.put(entry.getManager(), fields.get("f:replicas"));
          }
        });
    return owners;
  }
}
