package dev.functionapp.operator.plan;

import static dev.functionapp.operator.TestApps.PLATFORM;
import static dev.functionapp.operator.TestApps.spec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.AppSpecBuilder;
import dev.functionapp.operator.PlatformBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What each kind of source pins a revision by. */
class SourcesTest {

  private static final String URL = "https://git.example/team/orders.git";
  private static final String COMMIT = "a".repeat(40);
  private static final String SHA256 = "b".repeat(64);
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  private static final Source.Git MAIN = git(new GitRef.Branch("main"));

  @Test
  void aBranchIsLookedUpFirst() {
    assertThat(resolve(MAIN, SourceState.NONE)).isEqualTo(new Resolution.ToResolve());
  }

  @Test
  void aBranchIsTheCommitThatWasFound() {
    var revision = revision(MAIN, found(MAIN, COMMIT));

    assertThat(revision.content())
        .isEqualTo(new SourceContent.GitCommit(URL, COMMIT, "apps/orders"));
    assertThat(revision.source()).isEqualTo("main@sha1:" + COMMIT);
  }

  @Test
  void whatWasFoundOfAnotherBranchTagRepositoryOrWithAnotherSecretSaysNothing() {
    var known = found(MAIN, COMMIT);

    for (var other :
        List.of(
            git(new GitRef.Branch("next")),
            git(new GitRef.Tag("main")),
            new Source.Git(URL + "x", MAIN.ref(), "", Optional.empty(), Optional.empty()),
            new Source.Git(URL, MAIN.ref(), "", Optional.of("token"), Optional.empty()))) {
      assertThat(resolve(other, known)).isEqualTo(new Resolution.ToResolve());
    }
  }

  @Test
  void anotherFolderOrIntervalNeedsNoLookup() {
    var other =
        new Source.Git(
            URL, MAIN.ref(), "apps/mail", Optional.empty(), Optional.of(Duration.ofHours(1)));

    assertThat(revision(other, found(MAIN, COMMIT)).packageKey())
        .isNotEqualTo(revision(MAIN, found(MAIN, COMMIT)).packageKey());
  }

  @Test
  void theSameCommitIsTheSamePackageHoweverItWasFound() {
    var commit = git(new GitRef.Commit(COMMIT));

    assertThat(revision(commit, SourceState.NONE).name())
        .isEqualTo(revision(MAIN, found(MAIN, COMMIT)).name());
    assertThat(revision(commit, SourceState.NONE).source()).isEqualTo("sha1:" + COMMIT);
    assertThat(revision(git(new GitRef.Commit(SHA256)), SourceState.NONE).source())
        .isEqualTo("sha256:" + SHA256);
  }

  @Test
  void anArchiveIsPinnedByItsDigest() {
    var revision = revision(archive("https://a.example/x/orders.zip?version=7", SHA256));

    assertThat(revision.source()).isEqualTo("orders.zip@sha256:" + SHA256);
    assertThat(revision(archive("https://b.example/orders.zip", SHA256)).packageKey())
        .isEqualTo(revision.packageKey());
    assertThat(revision(archive("https://a.example/x/orders.zip", "c".repeat(64))).packageKey())
        .isNotEqualTo(revision.packageKey());
  }

  @Test
  void anArtifactIsPinnedByItsDigest() {
    var revision = revision(oci("sha256:" + SHA256));

    assertThat(revision.source()).isEqualTo("registry.example/orders@sha256:" + SHA256);
    assertThat(revision(oci("sha256:" + "c".repeat(64))).packageKey())
        .isNotEqualTo(revision.packageKey());
  }

  @Test
  void anImageIsItsOwnWorkerWhicheverPythonVersionsAreOnOffer() {
    var image = new Source.Image("registry.example/orders:1.4.2", List.of("registry"));

    var revision = revision(image);

    assertThat(revision.image()).isEqualTo("registry.example/orders:1.4.2");
    assertThat(revision.source()).isEqualTo("registry.example/orders:1.4.2");
    assertThat(revision.hasPackage()).isFalse();
    assertThat(revision(archive("https://a.example/orders.zip", SHA256)).hasPackage()).isTrue();
  }

  @Test
  void thePackageIndexesOfTheAppAndThePolicyOnSourceDistributionsArePartOfThePackage() {
    var before = revision(MAIN, found(MAIN, COMMIT)).packageKey();

    for (var build :
        List.of(
            new Build(BuildMode.AUTO, Optional.of("https://i"), List.of(), Optional.empty()),
            new Build(BuildMode.AUTO, Optional.empty(), List.of("https://i"), Optional.empty()))) {
      assertThat(packageKey(build, PLATFORM)).isNotEqualTo(before);
    }
    var withSecret = new Build(BuildMode.AUTO, Optional.empty(), List.of(), Optional.of("pypi"));
    assertThat(packageKey(withSecret, PLATFORM)).isEqualTo(before);
    var wheelsOnly = PlatformBuilder.from(PLATFORM).sourceDistributions(false).build();
    assertThat(packageKey(spec(MAIN).build(), wheelsOnly)).isNotEqualTo(before);
  }

  private static String packageKey(Build build, Platform platform) {
    var changed = AppSpecBuilder.from(spec(MAIN)).build(build).build();
    return resolved(Revisions.resolve(changed, Map.of(), found(MAIN, COMMIT), platform))
        .packageKey();
  }

  private static Source.Git git(GitRef ref) {
    return new Source.Git(URL, ref, "apps/orders", Optional.empty(), Optional.empty());
  }

  private static Source archive(String url, String sha256) {
    return new Source.Archive(url, sha256, Optional.empty());
  }

  private static Source oci(String digest) {
    return new Source.Oci("oci://registry.example/orders", digest, Optional.empty());
  }

  private static SourceState found(Source.Git source, String commit) {
    return new SourceState(
        Optional.of(new ResolvedSource(source.request().orElseThrow(), commit, NOW)),
        Optional.empty());
  }

  private static Revision revision(Source source) {
    return revision(source, SourceState.NONE);
  }

  private static Revision revision(Source source, SourceState state) {
    return resolved(resolve(source, state));
  }

  private static Resolution resolve(Source source, SourceState state) {
    return Revisions.resolve(spec(source), Map.of(), state, PLATFORM);
  }

  private static Revision resolved(Resolution resolution) {
    return ((Resolution.Resolved) resolution).revision();
  }
}
