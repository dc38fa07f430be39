package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.functionapp.v1alpha1.functionappstatus.Revisions;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A bad revision never takes a good one down, and every good one can be returned to. */
@DisplayName("Revisions are rolled out, rolled back and pinned")
class RevisionsIT {

  private static final String BROKEN =
      """
      {"name": "upload", "trigger": null, "error": {"reason": "ImportFailed", "message": "no module named x"}}\
      """;

  /** Its group never sleeps. */
  private static final String BLOB =
      """
      {"name": "archive", "trigger": {"type": "blobTrigger", "path": "photos/{name}",
       "connection": {"setting": "AzureWebJobsStorage", "form": "ConnectionString"}}}\
      """;

  private static Cluster cluster;
  private static Preparer preparer;
  private static Workloads workloads;

  @BeforeAll
  static void start() {
    cluster = new Cluster();
    preparer = new Preparer(cluster);
    workloads = new Workloads(cluster);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void aRevisionThatMissesItsDeadlineIsRolledBackAndStaysSoUntilItIsTriedAgain() {
    var good = ready("misses", "good");
    var bad = deploy("misses", "bad");
    cluster.awaitReason("misses", "Ready", "RollingOut", 30);
    var pod = workloads.crashingPod("misses", "http");
    workloads.timeOut("misses", "http");

    workloads.awaitRevision("misses", "http", good);
    workloads.succeed("misses", "http");
    cluster.awaitReason("misses", "Stalled", "ProgressDeadlineExceeded", 30);
    assertThat(message("misses", "Stalled"))
        .contains(bad, pod.getMetadata().getName(), "CrashLoopBackOff", good + " is applied again");
    assertThat(status("misses", "Ready")).isEqualTo("False");
    await("something serves").atMost(30, SECONDS).until(() -> is("misses", "Available", "True"));
    assertThat(revision("misses", bad))
        .hasValueSatisfying(
            found -> assertThat(found.getReason()).isEqualTo("ProgressDeadlineExceeded"));

    cluster.stopOperator();
    cluster.startOperator();
    cluster.awaitPassOverEveryApp();
    assertThat(workloads.revision("misses", "http")).isEqualTo(good);
    assertThat(status("misses", "Stalled")).isEqualTo("True");

    cluster
        .client
        .resource(cluster.app("misses"))
        .edit(app -> {
          app.getMetadata().setAnnotations(Map.of("functionapp.dev/reconcile-at", "now"));
          return app;
        });
    workloads.awaitRevision("misses", "http", bad);
    cluster.client.resource(pod).delete();
    workloads.succeed("misses", "http");
    cluster.awaitReason("misses", "Ready", "Ready", 30);
  }

  @Test
  void aPinnedRevisionRunsAtOnceAndWithoutABuild() {
    var first = ready("pinned", "first");
    var second = ready("pinned", "second");
    var jobs = cluster.objects(Job.class, "pinned");

    cluster.apply("pinned", spec("second", "{pin: \"%s\"}".formatted(first)));
    workloads.awaitRevision("pinned", "http", first);
    workloads.succeed("pinned", "http");
    cluster.awaitReason("pinned", "Ready", "Pinned", 30);
    assertThat(cluster.objects(Job.class, "pinned")).hasSizeLessThanOrEqualTo(jobs.size());
    assertThat(cluster.app("pinned").getStatus().getLatestReadyRevision()).isEqualTo(first);

    cluster.apply("pinned", spec("third", "{pin: \"%s\"}".formatted(first)));
    await("the third is seen").atMost(30, SECONDS).until(() -> seen("pinned"));
    assertThat(cluster.app("pinned").getStatus().getLatestCreatedRevision()).isEqualTo(first);

    cluster.apply("pinned", spec("second", "{pin: nothing}"));
    cluster.awaitReason("pinned", "Stalled", "PinNotFound", 30);
    assertThat(message("pinned", "Ready")).contains("nothing", first, second);
    assertThat(workloads.revision("pinned", "http")).isEqualTo(first);
    assertThat(status("pinned", "Available")).isEqualTo("True");

    cluster.apply("pinned", spec("second", "{}"));
    workloads.awaitRevision("pinned", "http", second);
    workloads.succeed("pinned", "http");
    cluster.awaitReason("pinned", "Ready", "Ready", 30);
  }

  @Test
  void aRevisionThatBreaksAFunctionIsNotRolledOut() {
    var good = ready("breaks", "good");
    cluster.apply("breaks", spec("bad", "{}"));
    preparer.prepare("breaks", BROKEN + "," + Preparer.QUEUE);

    cluster.awaitReason("breaks", "Stalled", "FunctionsNoLongerLoad", 30);
    assertThat(message("breaks", "FunctionsLoaded")).contains("upload: no module named x", good);
    assertThat(workloads.revision("breaks", "http")).isEqualTo(good);
    assertThat(cluster.deployment("breaks", "queue-resize")).isEmpty();
    assertThat(status("breaks", "Available")).isEqualTo("True");
  }

  @Test
  void aGroupGoesOnlyWhenTheRevisionWithoutItHasProvenItself() {
    ready("drops", "first");
    cluster.apply("drops", spec("second", "{}"));
    preparer.prepare("drops", BLOB);
    await("the new group")
        .atMost(30, SECONDS)
        .until(() -> cluster.deployment("drops", "blob").isPresent());
    assertThat(cluster.deployment("drops", "http")).isPresent();

    workloads.succeed("drops", "blob");

    await("the group before is gone")
        .atMost(30, SECONDS)
        .until(() -> cluster.deployment("drops", "http").isEmpty());
  }

  @Test
  void aBadRevisionOfAQueueThatIsWokenFromZeroIsRolledBackWithoutAJumpOfReplicas() {
    cluster.kedaInstalled.set(true);
    cluster.apply("wakes", spec("good", "{}"));
    preparer.prepare("wakes", Preparer.QUEUE);
    cluster.awaitReason("wakes", "ScalingReady", "KedaPending", 60);
    scale("wakes", 0);
    var good = latest("wakes");
    await("good enough asleep").atMost(30, SECONDS).until(() -> good.equals(readyOne("wakes")));
    cluster.apply("wakes", spec("bad", "{}"));
    preparer.prepare("wakes", Preparer.QUEUE);
    var bad = latest("wakes");
    workloads.awaitRevision("wakes", "queue-resize", bad);
    await("verified is enough").atMost(30, SECONDS).until(() -> bad.equals(readyOne("wakes")));

    scale("wakes", 3);
    workloads.crashingPod("wakes", "queue-resize");
    assertThat(workloads.revision("wakes", "queue-resize")).isEqualTo(bad);
    cluster.clock.advance(Duration.ofMinutes(11));
    workloads.crashingPod("wakes", "queue-resize");

    workloads.awaitRevision("wakes", "queue-resize", good);
    assertThat(queueReplicas("wakes")).isEqualTo(3);
    cluster.awaitReason("wakes", "Stalled", "ProgressDeadlineExceeded", 30);
    assertThat(readyOne("wakes")).isEqualTo(good);

    // The other tests have HTTP groups that nothing here would take up.
    cluster.kedaInstalled.set(false);
    cluster.awaitReason("wakes", "ScalingReady", "KedaNotInstalled", 60);
  }

  @Test
  void twentyRevisionsLeaveNoGarbage() {
    for (int i = 0; i < 20; i++) {
      cluster.apply("many", spec("revision " + i, "{historyLimit: 2}"));
      preparer.build("many", Preparer.HTTP);
      workloads.awaitRevision("many", "http", latest("many"));
      workloads.succeed("many", "http");
      var revision = latest("many");
      await("it is ready").atMost(30, SECONDS).until(() -> revision.equals(readyOne("many")));
    }

    assertThat(cluster.objects(ControllerRevision.class, "many")).hasSize(3);
    var kept =
        cluster.objects(ControllerRevision.class, "many").stream()
            .map(found -> found.getMetadata().getLabels().get("functionapp.dev/revision"))
            .collect(Collectors.toSet());
    await("nothing else in the store")
        .atMost(30, SECONDS)
        .untilAsserted(() -> {
          assertThat(blobs("revisions/many/"))
              .containsExactlyInAnyOrderElementsOf(
                  kept.stream().map(name -> "revisions/many/" + name + "/index.json").toList());
          assertThat(blobs("packages/many/")).hasSize(3);
        });
    assertThat(cluster.objects(Job.class, "many")).hasSizeLessThanOrEqualTo(1);
  }

  private static List<String> blobs(String prefix) {
    return cluster.store.blobs(cluster.namespace, prefix);
  }

  /** Deploys a revision of the app and reports that it is ready. */
  private static String ready(String app, String source) {
    var revision = deploy(app, source);
    workloads.succeed(app, "http");
    await(source + " of " + app + " is ready")
        .atMost(30, SECONDS)
        .until(() -> revision.equals(readyOne(app)));
    return revision;
  }

  private static String deploy(String app, String source) {
    cluster.apply(app, spec(source, "{}"));
    preparer.prepare(app, Preparer.HTTP);
    var revision = latest(app);
    workloads.awaitRevision(app, "http", revision);
    return revision;
  }

  private static String spec(String source, String rollout) {
    return "{source: {inline: {files: {function_app.py: \"%s\"}}}, rollout: %s}"
        .formatted(source, rollout);
  }

  private static String latest(String app) {
    return cluster.app(app).getStatus().getLatestCreatedRevision();
  }

  private static String readyOne(String app) {
    return cluster.app(app).getStatus().getLatestReadyRevision();
  }

  private static boolean seen(String app) {
    var found = cluster.app(app);
    return found.getMetadata().getGeneration().equals(found.getStatus().getObservedGeneration());
  }

  private static Optional<Revisions> revision(String app, String name) {
    return cluster.app(app).getStatus().getRevisions().stream()
        .filter(found -> found.getName().equals(name))
        .findFirst();
  }

  private static String status(String app, String type) {
    return cluster.condition(app, type).orElseThrow().getStatus().getValue();
  }

  private static boolean is(String app, String type, String status) {
    return status(app, type).equals(status);
  }

  private static String message(String app, String type) {
    return cluster.condition(app, type).orElseThrow().getMessage();
  }

  private static int queueReplicas(String app) {
    return cluster
        .deployment(app, "queue-resize")
        .map(found -> found.getSpec().getReplicas())
        .orElse(-1);
  }

  private static void scale(String app, int replicas) {
    var deployment = cluster.deployment(app, "queue-resize").orElseThrow();
    cluster.client.apps().deployments().resource(deployment).scale(replicas);
  }
}
