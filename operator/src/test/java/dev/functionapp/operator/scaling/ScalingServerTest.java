package dev.functionapp.operator.scaling;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What KEDA is answered, with workers that are asked over the network. */
class ScalingServerTest {

  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-21T02:00:00Z"), ZoneOffset.UTC);

  private static final String BY_AGE =
      """
      {"minReplicas": 0, "maxReplicas": 3, "messageAgeSeconds": 30,
       "functions": {"resize": "queueTrigger"}, "revision": "3f9c0a12be"}
      """;

  private static final String TIMER =
      """
      {"minReplicas": 0, "maxReplicas": 1, "timerLeadSeconds": 35,
       "functions": {"nightly": "timerTrigger"}, "revision": "3f9c0a12be"}
      """;

  private static final String LATE =
      """
      {"queues": [{"function": "resize", "queue": "photos", "length": 900, "visible": 32,
                   "oldestMessageAgeSeconds": 48, "working": 20, "newBatchThreshold": 8}]}
      """;

  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final HttpClient client = HttpClient.newHttpClient();
  private FakeWorkers workers;
  private PodReports pods;
  private ScalingServer server;
  private FakeGroups groups;

  @BeforeEach
  void start() throws IOException {
    workers = new FakeWorkers();
  }

  @AfterEach
  void stop() {
    server.close();
    pods.close();
    workers.close();
    client.close();
  }

  @Test
  @DisplayName("Age alone asks for more, up to maxReplicas")
  void theAnswerIsANumberAndWhy() throws Exception {
    serve(BY_AGE, 2);
    pod(LATE);
    pod(LATE);

    var answer = get("/scaling/shop/photos/queue-resize");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
    assertThat(answer.body())
        .isEqualTo(
            """
            {"replicas":3,"reason":"MessageAge","message":"resize: oldest message 48 s > 30 s; capped by maxReplicas 3"}\
            """);
    assertThat(metrics.timer("functionapp.scaling.requests", "status", "200").count()).isEqualTo(1);
  }

  @Test
  void withoutPodsTheGroupIsNotWoken() throws Exception {
    serve(BY_AGE, 0);

    assertThat(get("/scaling/shop/photos/queue-resize").body())
        .isEqualTo("{\"replicas\":0,\"reason\":\"Idle\",\"message\":\"nothing to do\"}");
  }

  @Test
  @DisplayName("Fault: no pod answers; KEDA then keeps what there is")
  void podsThatAreSilentAreNoZero() throws Exception {
    serve(BY_AGE, 1);
    groups.pods.add(FakeGroups.pod("127.0.0.250").build());

    var answer = get("/scaling/shop/photos/queue-resize");

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).contains("1 replicas are ready, and none reports");
  }

  @Test
  void oneSilentPodKeepsWhatThereIs() throws Exception {
    serve(BY_AGE, 2);
    pod(
        "{\"queues\": [{\"function\": \"resize\", \"visible\": 0, \"length\": 0, \"working\":"
            + " 0}]}");
    groups.pods.add(FakeGroups.pod("127.0.0.250").build());

    assertThat(get("/scaling/shop/photos/queue-resize").body())
        .contains("\"replicas\":2", "1 of 2 replicas do not report");
  }

  @Test
  @DisplayName("A timer that nobody knows yet wakes its group")
  void aTimerThatNobodyKnowsYetWakesItsGroup() throws Exception {
    serve(TIMER, 0);

    assertThat(get("/scaling/shop/photos/queue-resize").body())
        .contains("\"replicas\":1", "nightly: its next occurrence is not known yet");
    assertThat(groups.kept).isEmpty();
  }

  @Test
  void theNextOccurrenceIsKept() throws Exception {
    serve(TIMER, 1);
    pod(
        """
        {"now": "2026-11-21T02:00:00+00:00",
         "timers": [{"function": "nightly", "nextOccurrence": "2026-11-21T03:00:00+00:00", "running": false}]}
        """);
    get("/scaling/shop/photos/queue-resize");
    assertThat(groups.kept)
        .containsExactly(
            "{\"revision\":\"3f9c0a12be\",\"next\":{\"nightly\":\"2026-11-21T03:00:00Z\"}}");
  }

  @Test
  void howeverManyAskPodsAreAskedOnceInASecond() throws Exception {
    serve(BY_AGE, 1);
    pod(LATE);
    var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
    var request = HttpRequest.newBuilder(uri("/scaling/shop/photos/queue-resize")).build();
    for (int i = 0; i < 50; i++) {
      answers.add(client.sendAsync(request, HttpResponse.BodyHandlers.ofString()));
    }

    assertThat(answers).allSatisfy(answer -> assertThat(answer.get().statusCode()).isEqualTo(200));
    // A machine that is busy may take longer than a second for all of them.
    assertThat(workers.asked.get()).isLessThan(25);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/scaling",
        "/scaling/shop",
        "/scaling/shop/photos",
        "/scaling/shop/photos/http/x",
        "/scaling/shop/photos/http",
        "/scaling/other/photos/queue-resize",
        "/scaling/SHOP/photos/queue-resize",
        "/scaling/shop/../photos/queue-resize",
        "/scaling/shop/photos/queue%2Dresize",
        "/scaling/shop/photos/queue-resize/",
        "/metrics"
      })
  void whatIsNotThereIsNotFound(String path) throws Exception {
    serve(BY_AGE, 1);

    assertThat(get(path).statusCode()).isEqualTo(404);
  }

  @Test
  void aDeploymentWithoutScalingIsNotFound() throws Exception {
    serve("nonsense", 1);

    assertThat(get("/scaling/shop/photos/queue-resize").statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "HEAD"})
  void nothingButGetIsAnswered(String method) throws Exception {
    serve(BY_AGE, 1);
    var request =
        HttpRequest.newBuilder(uri("/scaling/shop/photos/queue-resize"))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build();

    var answer = client.send(request, HttpResponse.BodyHandlers.ofString());

    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("Allow")).contains("GET");
  }

  @Test
  void cachesThatAreNotFilledYetAreNoNotFound() throws Exception {
    serve(BY_AGE, 1);
    groups.filled = false;

    assertThat(get("/scaling/shop/photos/queue-resize").statusCode()).isEqualTo(503);
  }

  private void serve(String scaling, int replicas) {
    groups = FakeGroups.of(scaling, replicas);
    pods = new PodReports(workers.port, Duration.ofSeconds(10), CLOCK, metrics);
    server = new ScalingServer(0, new GroupScaler(groups, pods, CLOCK), metrics);
  }

  private void pod(String report) throws IOException {
    groups.pods.add(FakeGroups.pod(workers.add(FakeWorkers.json(report))).build());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:%d%s".formatted(server.port(), path));
  }
}
