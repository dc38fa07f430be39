package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.functionapp.operator.scaling.GroupScaler;
import dev.functionapp.v1alpha1.functionappstatus.Groups;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Why a group has as many replicas as it has. */
class GroupExplanationsIT {

  private static final String APP = "photos";
  private static final String GROUP = "queue-resize";
  private static final String SPEC =
      "{source: {inline: {files: {function_app.py: photos}}}, scaling: {queue: {messageAge: 30s}}}";

  private static Cluster cluster;
  private static Workloads workloads;

  @BeforeAll
  static void start() {
    cluster = Cluster.withKeda();
    workloads = new Workloads(cluster);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  @DisplayName("The status says why, and rests while the replicas stay as they are")
  void theStatusSaysWhyAndRests() {
    try (var worker = new Worker(late(48))) {
      cluster.apply(APP, SPEC);
      new Preparer(cluster).prepare(APP, Preparer.QUEUE);
      awaitStatus(APP, 0, "Idle", "nothing to do");

      scale(APP, 2);
      workloads.readyPod(cluster.deployment(APP, GROUP).orElseThrow(), worker.address);
      // The pod is watched apart from the Deployment, and what pods say is kept for a second.
      awaitAnswer("resize: oldest message 48 s > 30 s");
      workloads.succeed(APP, GROUP);
      awaitStatus(APP, 2, "MessageAge", "resize: oldest message 48 s > 30 s");

      // What a pass finds out about the revision may be told by the next one.
      passOver();
      var before = version();
      worker.report(late(50));
      awaitAnswer("resize: oldest message 50 s > 30 s");
      for (int i = 0; i < 3; i++) {
        passOver();
      }
      assertThat(version()).isEqualTo(before);

      scale(APP, 3);
      workloads.succeed(APP, GROUP);
      awaitStatus(APP, 3, "MessageAge", "resize: oldest message 50 s > 30 s");
    }
  }

  @Test
  @DisplayName("Fault: a worker reports nonsense, and the status says that it says nothing")
  void theStatusSaysThatNobodyReports() {
    try (var worker = new Worker("<html/>")) {
      cluster.apply("nonsense", SPEC.replace("photos", "nonsense"));
      new Preparer(cluster).prepare("nonsense", Preparer.QUEUE);
      awaitStatus("nonsense", 0, "Idle", "nothing to do");

      workloads.readyPod(cluster.deployment("nonsense", GROUP).orElseThrow(), worker.address);
      await("the operator to hear of the pod")
          .atMost(30, SECONDS)
          .until(() ->
              cluster.scaler().answer(cluster.namespace, "nonsense", GROUP)
                  instanceof GroupScaler.NotKnown);
      scale("nonsense", 1);
      workloads.succeed("nonsense", GROUP);

      awaitStatus("nonsense", 1, "Unknown", "1 replicas are ready, and none reports");
    }
  }

  /** A report of messages that have been waiting for longer than they may. */
  private static String late(int seconds) {
    return """
    {"queues": [{"function": "resize", "queue": "photos", "length": 20, "visible": 12,
                 "oldestMessageAgeSeconds": %d, "working": 20, "newBatchThreshold": 8}]}\
    """
        .formatted(seconds);
  }

  /** Does what KEDA and the HPA do. */
  private static void scale(String app, int replicas) {
    var deployment = cluster.deployment(app, GROUP).orElseThrow();
    cluster.client.apps().deployments().resource(deployment).scale(replicas);
  }

  /** Has the operator look at the app, in which there is nothing to put right. */
  private static void passOver() {
    double passes = cluster.passes();
    cluster
        .client
        .resource(cluster.deployment(APP, GROUP).orElseThrow())
        .edit(deployment -> {
          deployment.getMetadata().getAnnotations().put("it/touched", "" + System.nanoTime());
          return deployment;
        });
    await("another pass").atMost(30, SECONDS).until(() -> cluster.passes() > passes);
  }

  private static void awaitAnswer(String message) {
    await("the operator to hear: " + message)
        .atMost(30, SECONDS)
        .until(() ->
            cluster.scaler().answer(cluster.namespace, APP, GROUP)
                    instanceof GroupScaler.Recommended(var found)
                && found.message().equals(message));
  }

  private static void awaitStatus(String app, long replicas, String reason, String message) {
    await("the status of %s to say %s: %s".formatted(app, reason, message))
        .atMost(30, SECONDS)
        .untilAsserted(() ->
            assertThat(cluster.app(app).getStatus().getGroups())
                .singleElement()
                .satisfies(group -> {
                  assertThat(group.getReason()).isEqualTo(reason);
                  assertThat(group.getMessage()).isEqualTo(message);
                  assertThat(replicas(group)).isEqualTo(replicas);
                }));
  }

  private static String version() {
    return cluster.app(APP).getMetadata().getResourceVersion();
  }

  private static long replicas(Groups group) {
    return Objects.requireNonNullElse(group.getReplicas(), 0L);
  }
}
