package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.servers.Archive;
import dev.functionapp.e2e.servers.GitRepository;
import dev.functionapp.e2e.servers.SourceServers;
import dev.functionapp.e2e.support.AppManifest;
import dev.functionapp.e2e.support.Environment;
import dev.functionapp.e2e.support.SideBySide;
import dev.functionapp.e2e.support.TestNamespace;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** From each kind of source to an answer, by servers that run beside the apps. */
@SideBySide
class SourcesE2E {

  private static final String PATH = "/api/version";

  private final Environment environment;
  private final TestNamespace namespace;
  private final SourceServers servers;

  SourcesE2E(Environment environment, TestNamespace namespace) {
    this.environment = environment;
    this.namespace = namespace;
    this.servers = environment.servers();
    secret("password", Map.of("username", SourceServers.USER, "password", SourceServers.PASSWORD));
  }

  /** The app is in a folder of a repository; a push counts when the app is asked to look. */
  @Test
  void aBranchIsFollowedWhenAskedTo() {
    GitRepository repository = servers.repository(namespace.unique("branch"));
    String first = repository.push(AppManifest.named("branch").answering("one").files("apps/shop/"));
    FunctionApp app =
        namespace.ready(
            AppManifest.named("branch")
                .source(
                    "git",
                    Map.of("url", repository.url(), "ref", Map.of("branch", "main"), "path", "apps/shop", "secretRef", Map.of("name", "password"))));
    namespace.awaitAnswer(app, PATH, "one");
    assertThat(app.status().source().lastApplied()).isEqualTo("main@sha1:" + first);

    String second = repository.push(AppManifest.named("branch").answering("two").files("apps/shop/"));
    namespace.kubectl("annotate", "functionapp", app.name(), "functionapp.dev/reconcile-at=now").check();

    namespace.awaitAnswer(app, PATH, "two");
    namespace.awaitReady(app);
    assertThat(app.status().source().lastApplied()).isEqualTo("main@sha1:" + second);
    assertThat(app.status().lastHandledReconcileAt()).isEqualTo("now");
  }

  /** The repository is read with an SSH key. */
  @Test
  void aCommitIsTakenThoughTheBranchHasMovedOn() {
    GitRepository repository = servers.repository(namespace.unique("commit"));
    String first = repository.push(AppManifest.named("commit").answering("one").files(""));
    repository.push(AppManifest.named("commit").answering("two").files(""));
    secret("key", Map.of("ssh-privatekey", servers.sshPrivateKey(), "known_hosts", servers.knownHosts()));

    FunctionApp app =
        namespace.ready(
            AppManifest.named("commit")
                .source("git", Map.of("url", repository.sshUrl(), "ref", Map.of("commit", first), "secretRef", Map.of("name", "key"))));

    namespace.awaitAnswer(app, PATH, "one");
  }

  /** The zip is on a web server. */
  @Test
  void anArchiveIsFetchedWithAPassword() {
    Archive archive = Archive.of(AppManifest.named("archive").answering("zipped").files(""));
    String url = servers.publish("closed/archive.zip", archive.content());

    FunctionApp app =
        namespace.ready(
            AppManifest.named("archive")
                .source("archive", Map.of("url", url, "sha256", archive.sha256(), "secretRef", Map.of("name", "password"))));

    namespace.awaitAnswer(app, PATH, "zipped");
    assertThat(app.status().source().lastApplied()).isEqualTo("archive.zip@sha256:" + archive.sha256());
  }

  /** The zip is in a blob that a shared access signature opens, as for run from package. */
  @Test
  void anArchiveIsFetchedFromABlobAccount() {
    Archive archive = Archive.of(AppManifest.named("blob").answering("from a blob").files(""));
    String container = namespace.unique("archives");
    environment.storage().upload(container, "blob.zip", archive.content());
    secret("signature", Map.of("sas", environment.storage().readSignature(container, "blob.zip")));

    FunctionApp app =
        namespace.ready(
            AppManifest.named("blob")
                .source(
                    "archive",
                    Map.of("url", servers.blob(container, "blob.zip"), "sha256", archive.sha256(), "secretRef", Map.of("name", "signature"))));

    namespace.awaitAnswer(app, PATH, "from a blob");
  }

  @Test
  void anArchiveWithAnotherDigestIsRefused() {
    Archive archive = Archive.of(AppManifest.named("other").answering("never").files(""));
    String url = servers.publish("open/other.zip", archive.content());

    FunctionApp app = namespace.apply(AppManifest.named("other").source("archive", Map.of("url", url, "sha256", "0".repeat(64))));

    assertThat(namespace.awaitFalse(app, "PackageReady", "ChecksumMismatch").message()).contains("archive.sha256", "0".repeat(64), archive.sha256());
    assertThat(app.status().condition("Stalled").isTrue()).isTrue();
  }

  /** What was packed once runs in every stage. */
  @Test
  void anArtifactOfARegistryIsTakenByItsDigest() {
    secret("registry", Map.of(".dockerconfigjson", servers.dockerConfig()));
    String digest = servers.push("shop/artifact", AppManifest.named("artifact").answering("packed").files(""));

    FunctionApp app =
        namespace.ready(
            AppManifest.named("artifact")
                .source("oci", Map.of("url", "oci://" + servers.registry() + "/shop/artifact", "digest", digest, "secretRef", Map.of("name", "registry"))));

    namespace.awaitAnswer(app, PATH, "packed");
    assertThat(app.status().source().lastApplied()).isEqualTo(servers.registry() + "/shop/artifact@" + digest);
  }

  /** The image is built from the worker's; nothing is built in the cluster. */
  @Test
  void anImageIsRunAsItIs() {
    String image = environment.chart().deliverApp("image", AppManifest.named("image").answering("baked").files(""));

    FunctionApp app = namespace.ready(AppManifest.named("image").source("image", Map.of("name", image)));

    namespace.awaitAnswer(app, PATH, "baked");
    assertThat(app.jobs().getLast().getSpec().getTemplate().getSpec().getInitContainers()).isEmpty();
    assertThat(app.pods("http").getFirst().getSpec().getContainers()).extracting(container -> container.getImage()).containsExactly(image);
  }

  /** Requirements from an index of one's own are installed once, and then kept for the namespace. */
  @Test
  void requirementsAreInstalledOnceAndThenTakenFromTheCache() {
    servers.publishPackage("shop-greetings", "1.0", "GREETING = 'hello from the index'\n");
    AppManifest manifest =
        AppManifest.named("cached")
            .file("requirements.txt", "shop-greetings==1.0\n")
            .http(
                "version",
                "version",
                """
                import azure.functions as func
                import shop_greetings

                async def main(req: func.HttpRequest) -> func.HttpResponse:
                    return func.HttpResponse(shop_greetings.GREETING)
                """)
            .spec("build", Map.of("pip", Map.of("indexUrl", servers.index(), "secretRef", Map.of("name", "password"))));
    FunctionApp app = namespace.ready(manifest);
    namespace.awaitAnswer(app, PATH, "hello from the index");
    assertThat(app.buildLog()).contains("Collecting shop-greetings").doesNotContain(SourceServers.PASSWORD);

    namespace.ready(manifest.answering("other code"));
    namespace.awaitAnswer(app, PATH, "other code");
    assertThat(app.buildLog()).contains("taken from the cache").doesNotContain("Collecting");

    namespace.ready(manifest.setting("COLOUR", "green"));
    assertThat(app.buildLog()).as("a change of settings alone").contains("taken from the store").doesNotContain("Collecting", "taken from the cache");
  }

  @Test
  void anIndexThatAsksForAPasswordIsNamed() {
    servers.publishPackage("shop-secrets", "1.0", "");
    AppManifest manifest =
        AppManifest.named("uninvited").answering("never").file("requirements.txt", "shop-secrets==1.0\n").spec("build", Map.of("pip", Map.of("indexUrl", servers.index())));

    FunctionApp app = namespace.apply(manifest);

    namespace.awaitCondition(
        app, "PackageReady", condition -> condition.isFalse() && condition.message().contains(servers.index() + "shop-secrets/: 401 Client Error"));
  }

  private void secret(String name, Map<String, String> entries) {
    namespace
        .client()
        .resource(new SecretBuilder().withNewMetadata().withName(name).withNamespace(namespace.name()).endMetadata().withStringData(entries).build())
        .serverSideApply();
  }
}
