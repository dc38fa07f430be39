package dev.functionapp.operator.scaling;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.plan.Group;
import dev.functionapp.operator.resources.Names;
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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What KEDA and the status are told where workers do not say what they should. */
class ReportFaultsTest {

  private static final Instant NOW = Instant.parse("2026-11-21T02:00:00Z");

  /** For all reports of a group: enough for what answers on a busy machine as well. */
  private static final Duration TIME = Duration.ofSeconds(3);

  private static final long SOON_SECONDS = 4 * TIME.toSeconds();

  private static final int REPLICAS = 4;

  private static final String BY_AGE =
      """
      {"minReplicas": 0, "maxReplicas": 20, "messageAgeSeconds": %d,
       "functions": {"%s": "queueTrigger"}, "revision": "3f9c0a12be"}
      """;

  private static final String TIMER =
      """
      {"minReplicas": 0, "maxReplicas": 1, "timerLeadSeconds": 35,
       "functions": {"nightly": "timerTrigger"}, "revision": "3f9c0a12be"}
      """;

  private static final String OTHER = Names.of("photos", "queue-mail");

  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final HttpClient client = HttpClient.newHttpClient();
  private FakeWorkers workers;
  private FakeGroups groups;
  private PodReports pods;
  private GroupScaler scaler;
  private ScalingServer server;

  @BeforeEach
  void start() throws IOException {
    workers = new FakeWorkers();
    groups = FakeGroups.of(BY_AGE.formatted(30, "resize"), REPLICAS);
    serve(NOW);
  }

  @AfterEach
  void stop() {
    server.close();
    pods.close();
    workers.close();
    client.close();
  }

  static Stream<Named<Function<FakeWorkers, FakeWorkers.Answer>>> withoutReport() {
    return Stream.of(
        Named.of("not JSON", workers -> FakeWorkers.json("<html/>")),
        Named.of("not an object", workers -> FakeWorkers.json("[4]")),
        Named.of("an error", workers -> exchange -> FakeWorkers.send(exchange, 500, "{}")),
        Named.of("too large", workers -> FakeWorkers.json("{\"now\": \"%99999s\"}".formatted(""))),
        Named.of("too slow", FakeWorkers::trickle),
        Named.of("never", FakeWorkers::silence));
  }

  @ParameterizedTest
  @MethodSource("withoutReport")
  @DisplayName("Fault: a worker reports nonsense, and KEDA keeps what there is")
  void whatIsNoReportIsNoZeroAndNoOtherGroupWaitsForIt(
      Function<FakeWorkers, FakeWorkers.Answer> faulty) throws Exception {
    addOther();
    pod(FakeGroups.NAME, faulty.apply(workers));

    var answer = send("queue-resize");
    assertOtherIsScaled();

    assertThat(answer.get(SOON_SECONDS, SECONDS).statusCode()).isEqualTo(503);
    assertThat(explain())
        .isEqualTo(
            new Recommendation(
                REPLICAS, Recommendation.Reason.Unknown, "1 replicas are ready, and none reports"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"queues\": [{\"function\": \"resize\"}]}",
        "{\"queues\": [{\"function\": \"resize\", \"visible\": -1, \"oldestMessageAgeSeconds\":"
            + " -48, \"working\": -20, \"newBatchThreshold\": -8}]}",
        "{\"queues\": [{\"function\": \"resize\", \"visible\": 1e99, \"oldestMessageAgeSeconds\":"
            + " 1e400, \"working\": 1e99, \"newBatchThreshold\": 1e99}]}",
        "{\"queues\": [{\"function\": \"mail\", \"visible\": 0, \"working\": 0,"
            + " \"newBatchThreshold\": 8}]}"
      })
  @DisplayName("Fault: a worker reports numbers that cannot be, or of a group that is not its own")
  void whatSaysNothingOfTheGroupChangesNothing(String report) throws Exception {
    addOther();
    pod(FakeGroups.NAME, FakeWorkers.json(report));

    assertThat(get("queue-resize"))
        .isEqualTo(answer(REPLICAS, "Unknown", "resize: how long its messages wait is not known"));
    assertOtherIsScaled();
    assertThat(explain().message()).isEqualTo("resize: how long its messages wait is not known");
  }

  @Test
  @DisplayName("A function that settings have disabled in all pods asks for none")
  void disabledInAllPodsIsNoQuestionOfAge() throws Exception {
    pod(FakeGroups.NAME, FakeWorkers.json("{\"disabled\": [\"resize\"]}"));

    assertThat(get("queue-resize")).contains("\"replicas\":0");

    pod(FakeGroups.NAME, FakeWorkers.json(waiting("resize", 48, 604_800)));
    serve(NOW);
    assertThat(get("queue-resize")).contains("\"reason\":\"MessageAge\"");
  }

  @Test
  @DisplayName("Fault: a worker reports the largest numbers that can be")
  void whateverIsReportedMaxReplicasIsTheMost() throws Exception {
    pod(
        FakeGroups.NAME,
        FakeWorkers.json(
            """
            {"queues": [{"function": "resize", "length": 10000000000, "visible": 100000, "oldestMessageAgeSeconds": 300000000,
                         "timeToLiveSeconds": 0.001, "working": 100000, "newBatchThreshold": 0, "throughput": 1e-9}]}
            """));

    assertThat(get("queue-resize")).contains("\"replicas\":20", "; capped by maxReplicas 20");
  }

  @Test
  @DisplayName("Fault: a report times out while other pods of the group answer")
  void thoseThatAnswerScaleTheGroupOut() throws Exception {
    pod(FakeGroups.NAME, FakeWorkers.json(waiting("resize", 48, 604_800)));
    pod(FakeGroups.NAME, FakeWorkers.json(waiting("resize", 48, 604_800)));
    pod(FakeGroups.NAME, FakeWorkers.json(waiting("resize", 48, 604_800)));
    pod(FakeGroups.NAME, workers.silence());

    assertThat(get("queue-resize"))
        .isEqualTo(answer(5, "MessageAge", "resize: oldest message 48 s > 30 s"));
  }

  @Test
  @DisplayName("Fault: a report times out while the other pods of the group have nothing to do")
  void thoseThatAnswerDoNotScaleTheGroupIn() throws Exception {
    pod(FakeGroups.NAME, FakeWorkers.json(EMPTY));
    pod(FakeGroups.NAME, workers.silence());

    assertThat(get("queue-resize"))
        .isEqualTo(answer(REPLICAS, "Unknown", "1 of 2 replicas do not report"));
    assertThat(explain().message()).isEqualTo("1 of 2 replicas do not report");
  }

  @ParameterizedTest
  @ValueSource(ints = {-60, 60})
  @DisplayName("Fault: a worker's clock is a minute off, and its timer is awake when that fires")
  void aTimerIsWokenByTheClockThatItFiresBy(int aheadSeconds) throws Exception {
    groups.add(FakeGroups.NAME, TIMER, 1);
    pod(
        FakeGroups.NAME,
        FakeWorkers.json(
            """
            {"now": "%s", "timers": [{"function": "nightly", "nextOccurrence": "2026-11-21T03:00:00+00:00", "running": false}]}
            """
                .formatted(NOW.plusSeconds(aheadSeconds))));
    var fires = Instant.parse("2026-11-21T03:00:00Z").minusSeconds(aheadSeconds);

    get("queue-resize");
    var asleep = FakeGroups.deployment(TIMER, 0);
    asleep.getMetadata().getAnnotations().put("functionapp.dev/wake", groups.kept.getLast());
    groups.deployments.put(FakeGroups.NAME, asleep);
    groups.pods.clear();

    serve(fires.minusSeconds(36));
    assertThat(get("queue-resize")).contains("\"replicas\":0");
    serve(fires.minusSeconds(35));
    assertThat(get("queue-resize")).isEqualTo(answer(1, "Timer", "nightly: due at " + fires));
  }

  @ParameterizedTest
  @ValueSource(ints = {-60, 60})
  @DisplayName("Fault: a worker's clock is a minute off, and messages are as old as they are")
  void theAgeOfMessagesIsByNoWorkersClock(int aheadSeconds) throws Exception {
    pod(
        FakeGroups.NAME,
        FakeWorkers.json(
            waiting("resize", 20, 604_800)
                .replaceFirst(
                    "\\{", "{\"now\": \"%s\", ".formatted(NOW.plusSeconds(aheadSeconds)))));

    assertThat(get("queue-resize"))
        .isEqualTo(answer(REPLICAS, "MessageAge", "resize: oldest message 20 s of 30 s"));
  }

  /** The target is 14 days; messages live for a week at the most. */
  @ParameterizedTest
  @CsvSource({
    "302000, resize: oldest message 302000 s of 302400 s, 4",
    "453600, resize: oldest message 453600 s > 302400 s, 6",
    "700000, resize: oldest message 700000 s > 302400 s, 8"
  })
  @DisplayName("Fault: messageAge is longer than a message lives, which is done before it expires")
  void halfOfWhatAMessageLivesIsTheMostThatItWaits(int age, String message, int replicas)
      throws Exception {
    groups.add(FakeGroups.NAME, BY_AGE.formatted(Duration.ofDays(14).toSeconds(), "resize"), 4);
    for (int i = 0; i < REPLICAS; i++) {
      pod(FakeGroups.NAME, FakeWorkers.json(waiting("resize", age, 604_800)));
    }

    assertThat(get("queue-resize")).isEqualTo(answer(replicas, "MessageAge", message));
  }

  @Test
  @DisplayName("Fault: nothing but poison is left, which is as old as messages get")
  void messagesThatWaitForNobodyKeepNoReplica() throws Exception {
    pod(
        FakeGroups.NAME,
        FakeWorkers.json(
            """
            {"queues": [{"function": "resize", "queue": "photos", "length": 5, "visible": 0, "oldestMessageAgeSeconds": null,
                         "working": 0, "newBatchThreshold": 8}]}
            """));

    assertThat(get("queue-resize")).isEqualTo(answer(0, "Idle", "nothing to do"));
  }

  private static final String EMPTY =
      """
      {"queues": [{"function": "resize", "queue": "photos", "length": 0, "visible": 0, "working": 0, "newBatchThreshold": 8}]}
      """;

  /** The report of a pod that has its hands full. */
  private static String waiting(String function, int age, int timeToLive) {
    return """
    {"queues": [{"function": "%s", "queue": "photos", "length": 900, "visible": 32, "oldestMessageAgeSeconds": %d,
                 "timeToLiveSeconds": %d, "working": 20, "newBatchThreshold": 8}]}
    """
        .formatted(function, age, timeToLive);
  }

  private static String answer(int replicas, String reason, String message) {
    return "{\"replicas\":%d,\"reason\":\"%s\",\"message\":\"%s\"}"
        .formatted(replicas, reason, message);
  }

  /** A group that is well, and asks for four replicas. */
  private void addOther() throws IOException {
    groups.add(OTHER, BY_AGE.formatted(30, "mail"), 2);
    pod(OTHER, FakeWorkers.json(waiting("mail", 48, 604_800)));
    pod(OTHER, FakeWorkers.json(waiting("mail", 48, 604_800)));
  }

  private void assertOtherIsScaled() throws Exception {
    assertThat(get("queue-mail"))
        .isEqualTo(answer(4, "MessageAge", "mail: oldest message 48 s > 30 s"));
  }

  /** An operator by this clock, that has asked nobody yet. */
  private void serve(Instant now) {
    if (server != null) {
      server.close();
      pods.close();
    }
    var clock = Clock.fixed(now, ZoneOffset.UTC);
    pods = new PodReports(workers.port, TIME, clock, metrics);
    scaler = new GroupScaler(groups, pods, clock);
    server = new ScalingServer(0, scaler, metrics);
  }

  private void pod(String group, FakeWorkers.Answer answer) throws IOException {
    groups.pods.add(FakeGroups.pod(group, workers.add(answer)).build());
  }

  private String get(String group) throws Exception {
    return send(group).get(SOON_SECONDS, SECONDS).body();
  }

  private CompletableFuture<HttpResponse<String>> send(String group) {
    var uri =
        URI.create("http://127.0.0.1:%d/scaling/shop/photos/%s".formatted(server.port(), group));
    return client.sendAsync(
        HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  /** What {@code status.groups[]} says of the group. */
  private Recommendation explain() {
    var scaled =
        new Group.Scaled(
            0,
            20,
            Duration.ofSeconds(30),
            Duration.ofMinutes(5),
            false,
            List.of(),
            Optional.empty());
    return scaler.explain(scaled, groups.deployments.get(FakeGroups.NAME));
  }
}
