package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.functionapp.v1alpha1.FunctionApp;
import dev.functionapp.v1alpha1.functionappstatus.Revisions;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.ZonedDateTime;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Apps from Git, archives, registries and images: what is asked for, what is found, what heals. */
class SourcesIT {

  private static final String FIRST = "a".repeat(40);
  private static final String SECOND = "b".repeat(40);
  private static final String GIT =
      "{source: {git: {url: \"https://git.example/team/orders.git\", ref: {branch: main}}}}";
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
  @DisplayName("Mission row 6: a branch is the commit that was found, and nobody asks twice")
  void aBranchIsTheCommitThatWasFound() {
    cluster.apply("branch", GIT);
    var lookup = kubelet.job("branch", "resolve");
    cluster.awaitReason("branch", "Ready", "Resolving", 30);
    assertThat(source(lookup, "resolve"))
        .isEqualTo(
            "{\"kind\":\"git\",\"url\":\"https://git.example/team/orders.git\",\"branch\":\"main\"}");

    kubelet.succeed(lookup, answer(FIRST));

    assertThat(source(kubelet.job("branch", "prepare"), "build"))
        .contains("\"commit\":\"" + FIRST + "\"");
    preparer.prepare("branch", Preparer.HTTP);
    cluster.awaitReason("branch", "Ready", "RollingOut", 30);
    awaitRunning("branch", "main@sha1:" + FIRST);
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
  @DisplayName(
      "Mission row 6: reconcile-at looks the branch up again, and what runs stays until then")
  void reconcileAtLooksTheBranchUpAgain() {
    deployFirst("again");
    var before = cluster.deployment("again", "http").orElseThrow();

    reconcileAt("again", "1");
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
    awaitRunning("again", "main@sha1:" + FIRST);
    preparer.prepare("again", Preparer.HTTP);
    awaitRunning("again", "main@sha1:" + SECOND);
  }

  @Test
  @DisplayName("Catalogue row 33: a branch that is not there stalls the app, what runs serves on")
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

    reconcileAt("gone", "1");
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
    reconcileAt("deleted", "1");

    kubelet.failForMistake(
        kubelet.job("deleted", "resolve"), "SourceNotFound", "there is no branch main");

    cluster.awaitReason("deleted", "Stalled", "SourceNotFound", 30);
    assertThat(cluster.app("deleted").getStatus().getLastHandledReconcileAt()).isEqualTo("1");
    awaitRunning("deleted", "main@sha1:" + FIRST);
    // Nothing forgets it, whatever happens besides.
    cluster.stopOperator();
    cluster.startOperator();
    cluster.awaitPassOverEveryApp();
    assertThat(cluster.condition("deleted", "Stalled").orElseThrow().getReason())
        .isEqualTo("SourceNotFound");
  }

  @Test
  @DisplayName("Catalogue row 29: a server that does not answer is asked again")
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

  @Test
  @DisplayName(
      "Catalogue row 28: another content than the digest's stalls the app until it is mended")
  void anArchiveWithAnotherContent() {
    cluster.apply("archive", ARCHIVE.formatted("a".repeat(64)));
    var first = kubelet.job("archive", "prepare");
    assertThat(source(first, "build"))
        .isEqualTo(
            "{\"kind\":\"archive\",\"url\":\"https://downloads.example/orders.zip\",\"sha256\":\"%s\"}"
                .formatted("a".repeat(64)));

    kubelet.failForMistake(first, "ChecksumMismatch", "another content");

    cluster.awaitReason("archive", "Stalled", "ChecksumMismatch", 30);
    reconcileAt("archive", "1");
    var second = kubelet.jobAfter(first, "archive", "prepare");
    kubelet.failForMistake(second, "ChecksumMismatch", "another content");
    cluster.awaitReason("archive", "Stalled", "ChecksumMismatch", 30);
    assertThat(cluster.app("archive").getStatus().getLastHandledReconcileAt()).isEqualTo("1");

    cluster.apply("archive", ARCHIVE.formatted("b".repeat(64)));
    cluster.awaitReason("archive", "Ready", "Preparing", 30);
  }

  @Test
  @DisplayName(
      "Catalogue row 27: a Secret that is missing is named, and another one takes its place")
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
  @DisplayName("Mission row 6: an image is verified and run as it is")
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
    awaitRunning("image", "registry.example/orders:1.4.2");
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

  /** Waits until what the app's Deployments run, and nothing else, is of that source. */
  private static void awaitRunning(String app, String source) {
    await(app + " runs " + source)
        .atMost(30, SECONDS)
        .untilAsserted(() ->
            assertThat(cluster.app(app).getStatus().getRevisions())
                .filteredOn(revision -> Boolean.TRUE.equals(revision.getActive()))
                .extracting(Revisions::getSource)
                .containsExactly(source));
  }

  private static FunctionApp reconcileAt(String app, String value) {
    return cluster
        .client
        .resource(cluster.app(app))
        .edit(current -> {
          current.getMetadata().getAnnotations().put("functionapp.dev/reconcile-at", value);
          return current;
        });
  }

  private static String answer(String commit) {
    return "{\"outcome\": \"Succeeded\", \"commit\": \"%s\"}".formatted(commit);
  }

  private static String source(Job job, String step) {
    var pod = job.getSpec().getTemplate().getSpec();
    return Stream.concat(pod.getInitContainers().stream(), pod.getContainers().stream())
        .filter(container -> container.getName().equals(step))
        .flatMap(container -> container.getEnv().stream())
        .filter(variable -> variable.getName().equals("FUNCAPP_SOURCE"))
        .map(EnvVar::getValue)
        .findFirst()
        .orElseThrow();
  }
}
