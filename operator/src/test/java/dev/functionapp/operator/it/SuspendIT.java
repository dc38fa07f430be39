package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.functionapp.operator.it.ScaledApps.State;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** An app that is suspended: left as it is, and taken up again. */
class SuspendIT {

  private static Cluster cluster;
  private static ScaledApps apps;

  @BeforeAll
  static void start() {
    cluster = Cluster.withKeda();
    apps = new ScaledApps(cluster, new Preparer(cluster));
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void aSuspendedAppIsLeftAsItIs() {
    apps.deploy("left", State.SCALED);
    apps.scale("left", 3);
    var before = cluster.versions("left");
    var status = cluster.app("left").getStatus();
    before.remove("FunctionApp/left");

    cluster.apply("left", suspended("changed"));
    cluster.awaitReason("left", "Suspended", "Suspended", 30);

    assertThat(cluster.versions("left")).containsAllEntriesOf(before);
    var suspended = cluster.app("left");
    assertThat(suspended.getStatus().getObservedGeneration())
        .isEqualTo(status.getObservedGeneration())
        .isLessThan(suspended.getMetadata().getGeneration());
    assertThat(suspended.getStatus().getLatestCreatedRevision())
        .isEqualTo(status.getLatestCreatedRevision());

    cluster.stopOperator();
    grants("left").forEach(secret -> cluster.client.resource(secret).delete());
    cluster.startOperator();
    await("pods may start").atMost(30, SECONDS).until(() -> grants("left").size() == 1);
    assertThat(cluster.objects(Job.class, "left")).hasSizeLessThanOrEqualTo(1);

    cluster.apply("left", ScaledApps.spec("changed", State.SCALED));
    await("it goes on")
        .atMost(30, SECONDS)
        .until(() -> apps.seen("left") && cluster.condition("left", "Suspended").isEmpty());
    assertThat(cluster.condition("left", "Ready").orElseThrow().getReason()).isEqualTo("Preparing");
    assertThat(apps.replicas("left")).isEqualTo(3);
  }

  private static List<Secret> grants(String app) {
    return cluster.objects(Secret.class, app).stream()
        .filter(secret -> secret.getMetadata().getName().contains("-package-"))
        .toList();
  }

  private static String suspended(String source) {
    return "{source: {inline: {files: {function_app.py: \"%s\"}}}, scaling: {minReplicas: 5}, suspend: true}"
        .formatted(source);
  }
}
