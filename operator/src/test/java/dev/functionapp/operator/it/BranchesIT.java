package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.ZonedDateTime;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Branches: which commit is found, when they are looked up again, and what becomes of failures. */
class BranchesIT {

  private static final String FIRST = "a".repeat(40);
  private static final String SECOND = "b".repeat(40);
  private static final String GIT =
      "{source: {git: {url: \"https://git.example/team/orders.git\", ref: {branch: main}}}}";

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
  @DisplayName("A branch is the commit that was found, and nobody asks twice")
  void aBranchIsTheCommitThatWasFound() {
    cluster.apply("branch", GIT);
    var lookup = kubelet.job("branch", "resolve");
    cluster.awaitReason("branch", "Ready", "Resolving", 30);
    assertThat(Kubelet.source(lookup, "resolve"))
        .isEqualTo(
            "{\"kind\":\"git\",\"url\":\"https://git.example/team/orders.git\",\"branch\":\"main\"}");

    kubelet.succeed(lookup, answer(FIRST));

    assertThat(Kubelet.source(kubelet.job("branch", "prepare"), "build"))
        .contains("\"commit\":\"" + FIRST + "\"");
    preparer.prepare("branch", Preparer.HTTP);
    cluster.awaitReason("branch", "Ready", "RollingOut", 30);
    cluster.awaitRunning("branch", "main@sha1:" + FIRST);
    var status = cluster.app("branch").getStatus();
    assertThat(status.getSource().getResolved().getCommit()).isEqualTo(FIRST);

    cluster.stopOperator();
    cluster.startOperator();
    cluster.awaitPassOverEveryApp();
    await("no lookup").atMost(30, SECONDS).until(() -> kubelet.jobs("branch", "resolve").isEmpty());
    assertThat(cluster.app("branch").getStatus().getSource().getResolved())
        .usingRecursiveComparison()
        .isEqualTo(status.getSource().getResolved());
  }

  @Test
  @DisplayName("Asked with reconcile-at, the branch is looked up again; what runs stays until then")
  void reconcileAtLooksTheBranchUpAgain() {
    deployFirst("again");
    var before = cluster.deployment("again", "http").orElseThrow();

    cluster.reconcileAt("again", "1");
    var lookup = kubelet.job("again", "resolve");
    assertThat(cluster.app("again").getStatus().getLastHandledReconcileAt()).isNull();
    assertThat(cluster.deployment("again", "http").orElseThrow().getSpec())
        .isEqualTo(before.getSpec());
    kubelet.succeed(lookup, answer(SECOND));

    await("the second commit")
        .atMost(30, SECONDS)
        .until(() ->
            ("main@sha1:" + SECOND)
                .equals(cluster.app("again").getStatus().getSource().getLastAttempted()));
    assertThat(cluster.app("again").getStatus().getLastHandledReconcileAt()).isEqualTo("1");
    cluster.awaitRunning("again", "main@sha1:" + FIRST);
    preparer.prepare("again", Preparer.HTTP);
    cluster.awaitRunning("again", "main@sha1:" + SECOND);
  }

  @Test
  @DisplayName("A branch that is not there stalls the app, what runs serves on")
  void aBranchThatIsNotThere() {
    deployFirst("gone");
    var before = cluster.deployment("gone", "http").orElseThrow();
    cluster.apply("gone", GIT.replace("main", "nosuch"));

    var first = kubelet.job("gone", "resolve");
    kubelet.failForMistake(first, "SourceNotFound", "there is no branch nosuch");

    cluster.awaitReason("gone", "Stalled", "SourceNotFound", 30);
    assertThat(cluster.condition("gone", "Ready").orElseThrow().getMessage())
        .isEqualTo("there is no branch nosuch");
    assertThat(cluster.deployment("gone", "http").orElseThrow().getSpec())
        .isEqualTo(before.getSpec());

    cluster.reconcileAt("gone", "1");
    kubelet.succeed(kubelet.jobAfter(first, "gone", "resolve"), answer(SECOND));
    await("the branch's commit")
        .atMost(30, SECONDS)
        .until(() ->
            ("nosuch@sha1:" + SECOND)
                .equals(cluster.app("gone").getStatus().getSource().getLastAttempted()));
    cluster.awaitReason("gone", "Stalled", "NotStalled", 30);
    assertThat(cluster.app("gone").getStatus().getLastHandledReconcileAt()).isEqualTo("1");
  }

  @Test
  @DisplayName("A branch that goes stalls the app also while the commit before runs on")
  void aBranchThatGoes() {
    deployFirst("deleted");
    cluster.reconcileAt("deleted", "1");

    kubelet.failForMistake(
        kubelet.job("deleted", "resolve"), "SourceNotFound", "there is no branch main");

    cluster.awaitReason("deleted", "Stalled", "SourceNotFound", 30);
    assertThat(cluster.app("deleted").getStatus().getLastHandledReconcileAt()).isEqualTo("1");
    cluster.awaitRunning("deleted", "main@sha1:" + FIRST);
    // Nothing forgets it, whatever happens besides.
    cluster.stopOperator();
    cluster.startOperator();
    cluster.awaitPassOverEveryApp();
    assertThat(cluster.condition("deleted", "Stalled").orElseThrow().getReason())
        .isEqualTo("SourceNotFound");
  }

  @Test
  @DisplayName("A server that does not answer is asked again")
  void aServerThatDoesNotAnswer() {
    cluster.apply("away", GIT);
    var first = kubelet.job("away", "resolve");

    kubelet.fail(first, "git.example does not answer");

    cluster.awaitReason("away", "Ready", "ResolveFailed", 30);
    assertThat(cluster.condition("away", "Reconciling").orElseThrow().getStatus().getValue())
        .isEqualTo("True");
    assertThat(cluster.condition("away", "Ready").orElseThrow().getMessage())
        .isEqualTo("git.example does not answer");
    var second = kubelet.jobAfter(first, "away", "resolve");
    assertThat(second.getMetadata().getAnnotations()).containsEntry("functionapp.dev/attempt", "2");
    kubelet.succeed(second, answer(FIRST));
    cluster.awaitReason("away", "Ready", "Preparing", 30);
  }

  @Test
  @DisplayName("An interval looks again by itself, and says nothing while that goes on")
  void anIntervalLooksAgain() {
    deploy("often", GIT.replace("{branch: main}", "{branch: main}, interval: 5m"));

    // So that none of its passes writes what it has read before.
    cluster.stopOperator();
    cluster
        .client
        .resource(cluster.app("often"))
        .editStatus(app -> {
          var resolved = app.getStatus().getSource().getResolved();
          resolved.setAt(ZonedDateTime.now(resolved.getAt().getZone()).minusMinutes(6).withNano(0));
          return app;
        });
    cluster.startOperator();

    var lookup = kubelet.job("often", "resolve");
    assertThat(cluster.condition("often", "Ready").orElseThrow().getReason())
        .isEqualTo("RollingOut");
    kubelet.succeed(lookup, answer(SECOND));
    await("the second commit")
        .atMost(30, SECONDS)
        .until(() ->
            ("main@sha1:" + SECOND)
                .equals(cluster.app("often").getStatus().getSource().getLastAttempted()));
    await("the lookup to be gone")
        .atMost(30, SECONDS)
        .until(() -> kubelet.jobs("often", "resolve").isEmpty());
  }

  private static void deployFirst(String app) {
    deploy(app, GIT);
  }

  private static void deploy(String app, String spec) {
    cluster.apply(app, spec);
    kubelet.succeed(kubelet.job(app, "resolve"), answer(FIRST));
    await("a revision of the commit")
        .atMost(30, SECONDS)
        .until(() ->
            Optional.ofNullable(cluster.app(app).getStatus().getSource())
                .map(source -> ("main@sha1:" + FIRST).equals(source.getLastAttempted()))
                .orElse(false));
    preparer.prepare(app, Preparer.HTTP);
    cluster.awaitReason(app, "Ready", "RollingOut", 30);
  }

  private static String answer(String commit) {
    return "{\"outcome\": \"Succeeded\", \"commit\": \"%s\"}".formatted(commit);
  }
}
