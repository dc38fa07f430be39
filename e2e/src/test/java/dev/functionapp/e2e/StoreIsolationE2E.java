package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.install.Namespaces;
import dev.functionapp.e2e.storage.PackageStore;
import dev.functionapp.e2e.support.AppManifest;
import dev.functionapp.e2e.support.Environment;
import dev.functionapp.e2e.support.SideBySide;
import dev.functionapp.e2e.support.TestNamespace;
import io.fabric8.kubernetes.api.model.Secret;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What one namespace was given for the package store opens nothing of another. */
@SideBySide
class StoreIsolationE2E {

  private static final String NAME = "tenant";
  private static final Pattern URL = Pattern.compile("\"(http[^\"]*)\"");

  private final TestNamespace namespace;
  private final String other;
  private final PackageStore store;
  private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  StoreIsolationE2E(Environment environment, TestNamespace namespace) {
    this.namespace = namespace;
    this.other = namespace.name() + "-other";
    this.store = PackageStore.open(environment.client());
  }

  @AfterEach
  void close() {
    http.close();
    store.close();
    namespace.client().namespaces().withName(other).delete();
  }

  @Test
  void aNamespaceNeitherReadsNorWritesWhatAnotherHas() throws Exception {
    Namespaces.restricted(namespace.client(), other);
    String manifest = AppManifest.named(NAME).answering("mine").json();
    Set<URI> mine = publish(namespace.name(), manifest);
    Set<URI> theirs = publish(other, manifest);
    String myHash = PackageStore.hash(namespace.name());
    String theirHash = PackageStore.hash(other);
    assertThat(mine).isNotEmpty().allSatisfy(grant -> assertThat(grant.getPath()).contains(myHash).doesNotContain(theirHash));
    assertThat(mine).as("packages and dependencies").extracting(URI::getPath).anyMatch(path -> path.contains("/ns-")).anyMatch(path -> path.contains("/deps-"));
    assertThat(theirs).isNotEmpty().allSatisfy(grant -> assertThat(grant.getPath()).contains(theirHash));
    assertThat(status("GET", readable(theirs))).as("its own package").isEqualTo(200);
    byte[] before = body(readable(theirs));

    // The same app under the same name: path for path, only the namespace differs.
    for (URI grant : mine) {
      URI aimed = store.fromHere(URI.create(grant.toString().replace(myHash, theirHash)));
      assertThat(status("GET", aimed)).as("read %s", aimed.getPath()).isEqualTo(403);
      assertThat(status("PUT", aimed)).as("write %s", aimed.getPath()).isEqualTo(403);
      assertThat(status("DELETE", aimed)).as("delete %s", aimed.getPath()).isEqualTo(403);
    }
    // And what is there already is not even its own to change.
    for (URI grant : theirs) {
      if (grant.getPath().contains("/packages/" + NAME + "/")) {
        assertThat(status("PUT", store.fromHere(grant))).as("write %s again", grant.getPath()).isIn(403, 409);
        assertThat(status("DELETE", store.fromHere(grant))).isEqualTo(403);
      }
    }
    assertThat(body(readable(theirs))).isEqualTo(before);
  }

  /** Applies the app and returns every address that its Secrets have held by the time that it is ready. */
  private Set<URI> publish(String in, String manifest) {
    namespace.kubectl("apply", "--namespace", in, "--filename", "-").input(manifest).check();
    Set<URI> seen = new HashSet<>();
    // The Job's grants go with the Job.
    namespace.await("the Job's grants", TestNamespace.READY, () -> {
      seen.addAll(grants(in));
      return seen.stream().anyMatch(grant -> grant.getPath().contains("/deps-"));
    });
    namespace.awaitReady(new FunctionApp(namespace.client(), in, NAME));
    seen.addAll(grants(in));
    return seen;
  }

  private URI readable(Set<URI> grants) {
    return grants.stream().filter(grant -> grant.getPath().contains("/packages/" + NAME + "/")).map(store::fromHere).findFirst().orElseThrow();
  }

  /** The addresses with their signatures that a namespace's Secrets hold; for a container of dependencies, with the name of a blob. */
  private List<URI> grants(String in) {
    List<Secret> secrets = namespace.client().secrets().inNamespace(in).withLabel("app.kubernetes.io/component", "package").list().getItems();
    return secrets.stream()
        .flatMap(secret -> secret.getData().values().stream())
        .map(value -> new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8))
        .flatMap(json -> URL.matcher(json).results().map((MatchResult match) -> match.group(1)))
        .map(url -> url.replaceFirst("(deps-[0-9a-f]{40})/?\\?", "$1/any.zip?"))
        .map(URI::create)
        .toList();
  }

  private int status(String method, URI address) throws IOException, InterruptedException {
    return http.send(request(method, address), HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  private byte[] body(URI address) throws IOException, InterruptedException {
    return http.send(request("GET", address), HttpResponse.BodyHandlers.ofByteArray()).body();
  }

  private static HttpRequest request(String method, URI address) {
    var body = method.equals("PUT") ? HttpRequest.BodyPublishers.ofString("replaced") : HttpRequest.BodyPublishers.noBody();
    var request = HttpRequest.newBuilder(address).method(method, body).timeout(Duration.ofSeconds(30));
    Map.of("x-ms-version", "2021-12-02", "x-ms-blob-type", "BlockBlob").forEach(request::header);
    return request.build();
  }
}
