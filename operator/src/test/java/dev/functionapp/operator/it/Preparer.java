package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Base64;
import java.util.Map;

/** Does what a prepare Job does: uses its grant to write the index of a revision. */
final class Preparer {

  static final String HTTP =
      """
      {"name": "upload", "trigger": {"type": "httpTrigger", "route": "photos/{name}", "methods": ["POST"]}}\
      """;

  static final String QUEUE =
      """
      {"name": "resize", "trigger": {"type": "queueTrigger", "queueName": "photos",
       "connection": {"setting": "AzureWebJobsStorage", "form": "ConnectionString"}}}\
      """;

  private static final String INDEX =
      """
      {"schemaVersion": 1, "revision": "%s", "package": %s, "python": "3.13.5",
       "host": {"functionTimeoutSeconds": 60, "routePrefix": "api",
                "queues": {"batchSize": 16, "newBatchThreshold": 8}},
       "functions": [%s]}
      """;

  private final Cluster cluster;

  Preparer(Cluster cluster) {
    this.cluster = cluster;
  }

  /** Waits for the grant of the app's newest revision and writes its index. */
  void prepare(String app, String functions) {
    prepare(app, "{\"sha256\": \"%s\", \"size\": 1}".formatted("a".repeat(64)), functions);
  }

  /** As {@link #prepare}, for an app that an image holds. */
  void prepareImage(String app, String functions) {
    prepare(app, "null", functions);
  }

  private void prepare(String app, String packageDigest, String functions) {
    await("a grant to prepare " + app).atMost(30, SECONDS).until(() -> hasGrant(app));
    var revision = cluster.app(app).getStatus().getLatestCreatedRevision();
    put(grant(app, revision, "index"), INDEX.formatted(revision, packageDigest, functions));
    // The end of the Job would be the occasion to look again.
    for (var job : cluster.objects(Job.class, app)) {
      if (!job.getMetadata().getLabels().containsKey("functionapp.dev/revision")) {
        continue;
      }
      cluster
          .client
          .resource(job)
          .edit(current -> {
            current.getMetadata().getAnnotations().put("it/prepared", revision);
            return current;
          });
    }
  }

  private boolean hasGrant(String app) {
    var found = cluster.app(app);
    return found.getStatus() != null
        && found.getMetadata().getGeneration().equals(found.getStatus().getObservedGeneration())
        && grants(app).containsKey(found.getStatus().getLatestCreatedRevision() + ".prepare.json");
  }

  /** Also writes the package that belongs to the index, where it is not there yet. */
  void build(String app, String functions) {
    await("a grant to prepare " + app).atMost(30, SECONDS).until(() -> hasGrant(app));
    var revision = cluster.app(app).getStatus().getLatestCreatedRevision();
    put(grant(app, revision, "package"), "a package");
    prepare(app, functions);
  }

  private URI grant(String app, String revision, String blob) {
    var text = Base64.getDecoder().decode(grants(app).get(revision + ".prepare.json"));
    try {
      JsonNode grant = JsonMapper.builder().build().readTree(text);
      return URI.create(grant.at("/" + blob + "/url").asText());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Map<String, String> grants(String app) {
    return cluster.objects(Secret.class, app).stream()
        .filter(secret -> secret.getMetadata().getName().contains("-package-"))
        .findFirst()
        .map(Secret::getData)
        .orElse(Map.of());
  }

  private static void put(URI url, String index) {
    try (var http = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(url)
              .header("x-ms-blob-type", "BlockBlob")
              .header("x-ms-version", "2023-11-03")
              .header("If-None-Match", "*")
              .PUT(HttpRequest.BodyPublishers.ofString(index))
              .build();
      var response = http.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
