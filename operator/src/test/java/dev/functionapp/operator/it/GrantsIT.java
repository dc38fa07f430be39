package dev.functionapp.operator.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.functionapp.operator.packages.Grants;
import dev.functionapp.operator.packages.PackageStore;
import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.Revision;
import dev.functionapp.operator.plan.SourceContent;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a pod can do with what it is granted, and what it cannot. */
class GrantsIT {

  private static final AppId ORDERS = new AppId("shop", "orders", "uid-1");
  private static final AppId MAIL = new AppId("mail", "mail", "uid-2");

  private static Grants grants;

  @BeforeAll
  static void start() {
    var store =
        new PackageStore(Azurite.shared().connectionString(), Optional.empty(), Clock.systemUTC());
    store.ensureContainers(ORDERS.namespace());
    store.ensureContainers(MAIL.namespace());
    grants = new Grants(store);
  }

  @Test
  @DisplayName("A namespace's builds share what they installed")
  void dependenciesCanBeMadeAndRead() {
    var url = dependencies(ORDERS, "first.zip");

    assertThat(put(url, "content")).isEqualTo(201);

    assertThat(send(HttpRequest.newBuilder(dependencies(ORDERS, "first.zip")).GET()))
        .isEqualTo(200);
  }

  @Test
  void dependenciesThatAreThereCannotBeChangedDeletedOrListed() {
    var url = dependencies(ORDERS, "kept.zip");
    assertThat(put(url, "content")).isEqualTo(201);

    assertThat(put(url, "other")).isIn(403, 409);
    assertThat(send(HttpRequest.newBuilder(url).DELETE())).isEqualTo(403);
    var list = dependencies(ORDERS, "").toString().replace("/?", "?restype=container&comp=list&");
    assertThat(send(HttpRequest.newBuilder(URI.create(list)).GET())).isEqualTo(403);
  }

  @Test
  @DisplayName("Two namespaces cannot read or write each other's packages and dependencies")
  void whatOneNamespaceIsGrantedIsOfNoUseInAnother() {
    put(dependencies(MAIL, "private.zip"), "content");
    var mine = dependencies(ORDERS, "private.zip");
    var theirs = dependencies(MAIL, "private.zip");
    put(granted(MAIL, "package"), "content");

    for (var url :
        List.of(
            mixed(theirs, mine),
            mixed(granted(MAIL, "package"), mine),
            mixed(theirs, granted(ORDERS, "package")),
            mixed(granted(MAIL, "package"), granted(ORDERS, "package")),
            mixed(granted(MAIL, "index"), granted(ORDERS, "index")))) {
      assertThat(send(HttpRequest.newBuilder(url).GET()))
          .as("read " + url.getPath())
          .isEqualTo(403);
      assertThat(put(url, "other")).as("write " + url.getPath()).isEqualTo(403);
    }
  }

  @Test
  void anImageIsGrantedItsIndexAlone() {
    var image = new SourceContent.BuiltImage("registry.example/orders:1");

    assertThat(grant(ORDERS, image).fieldNames()).toIterable().containsExactly("index");
  }

  private static URI dependencies(AppId app, String blob) {
    var url = granted(app, "dependencies").toString();
    return URI.create(url.replace("?", "/" + blob + "?"));
  }

  private static URI granted(AppId app, String member) {
    var content = new SourceContent.Files(List.of());
    return URI.create(grant(app, content).at("/" + member + "/url").asText());
  }

  private static JsonNode grant(AppId app, SourceContent content) {
    var revision =
        new Revision(
            "r".repeat(10),
            "p".repeat(10),
            "source",
            "worker",
            content,
            new TreeMap<>(),
            new TreeMap<>());
    try {
      return JsonMapper.builder().build().readTree(grants.prepare(app, revision));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** One URL's place with another's signature. */
  private static URI mixed(URI place, URI signature) {
    return URI.create(
        place.toString().split("\\?", 2)[0] + "?" + signature.toString().split("\\?", 2)[1]);
  }

  private static int put(URI url, String content) {
    return send(
        HttpRequest.newBuilder(url)
            .header("x-ms-blob-type", "BlockBlob")
            .header("If-None-Match", "*")
            .PUT(BodyPublishers.ofString(content)));
  }

  /** By a connection of its own: Azurite ends one that is idle for seconds. */
  private static int send(HttpRequest.Builder request) {
    try (var http = HttpClient.newHttpClient()) {
      return http.send(
              request.header("x-ms-version", "2023-11-03").build(), BodyHandlers.discarding())
          .statusCode();
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
