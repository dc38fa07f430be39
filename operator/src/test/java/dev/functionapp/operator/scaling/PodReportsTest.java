package dev.functionapp.operator.scaling;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Workers that answer, and all the ways in which they do not. */
class PodReportsTest {

  /** More than a second, so that what answers does so in time on a busy machine as well. */
  private static final Duration TIME = Duration.ofSeconds(3);

  private static final Duration SOON = TIME.multipliedBy(4);

  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private FakeWorkers workers;
  private PodReports reports;

  @BeforeEach
  void start() throws IOException {
    workers = new FakeWorkers();
    reports = new PodReports(workers.port, TIME, Clock.systemUTC(), metrics);
  }

  @AfterEach
  void stop() {
    reports.close();
    workers.close();
  }

  @Test
  void everyPodIsAsked() throws IOException {
    var first = workers.add(FakeWorkers.json("{\"http\": {\"averageInFlight\": 1}}"));
    var second = workers.add(FakeWorkers.json("{\"http\": {\"averageInFlight\": 2}}"));

    assertThat(ask(first, second))
        .extracting(report -> report.report().httpInFlight().getAsDouble())
        .containsExactlyInAnyOrder(1.0, 2.0);
    assertThat(ask(first).getFirst().revision()).isEqualTo(TestGroups.REVISION);
  }

  @Test
  @DisplayName("Fault: a report times out")
  void oneThatNeverAnswersCostsTheTimeAndNoOtherReport() throws IOException {
    var good = workers.add(FakeWorkers.json("{}"));
    var addresses = new ArrayList<>(List.of(good));
    for (int i = 0; i < 5; i++) {
      addresses.add(workers.add(workers.silence()));
    }
    long begin = System.nanoTime();

    assertThat(ask(addresses.toArray(new String[0]))).hasSize(1);

    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isBetween(TIME.minusMillis(100), SOON);
    assertThat(failures("timeout")).isEqualTo(5);
  }

  @Test
  @DisplayName("Fault: a report that goes on for ever, a byte now and then")
  void oneThatTricklesIsCutOff() throws IOException {
    var slow = workers.add(workers.trickle());
    long begin = System.nanoTime();

    assertThat(ask(slow)).isEmpty();

    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(SOON);
    assertThat(failures("timeout")).isEqualTo(1);
  }

  @Test
  @DisplayName("Fault: a pod refuses the connection")
  void oneThatRefusesIsLeftOut() throws IOException {
    var good = workers.add(FakeWorkers.json("{}"));

    assertThat(ask(good, "127.0.0.250")).hasSize(1);
    assertThat(failures("connection")).isEqualTo(1);
  }

  @Test
  @DisplayName("Fault: a worker reports nonsense")
  void whatIsNoReportIsLeftOut() throws IOException {
    var page = workers.add(FakeWorkers.json("<html/>"));
    var error = workers.add(exchange -> FakeWorkers.send(exchange, 500, "{}"));

    assertThat(ask(page, error)).isEmpty();
    assertThat(failures("invalid")).isEqualTo(1);
    assertThat(failures("status")).isEqualTo(1);
  }

  @Test
  void aReportThatIsTooLargeIsNotReadToItsEnd() throws IOException {
    var sent = new ArrayList<Integer>();
    var large =
        workers.add(exchange -> {
          exchange.sendResponseHeaders(200, 0);
          var block = " ".repeat(64 * 1024).getBytes(StandardCharsets.UTF_8);
          try (exchange) {
            for (int i = 0; i < 10_000; i++) {
              exchange.getResponseBody().write(block);
              sent.add(i);
            }
          }
        });

    assertThat(ask(large)).isEmpty();
    assertThat(failures("tooLarge")).isEqualTo(1);
    assertThat(sent.size()).isLessThan(10_000);
  }

  @Test
  @DisplayName("Threat: a worker sends the operator on to somewhere else")
  void noRedirectIsFollowed() throws IOException {
    var target = workers.add(FakeWorkers.json("{}"));
    var away =
        workers.add(exchange -> {
          exchange
              .getResponseHeaders()
              .set("Location", "http://%s:%d/scaling".formatted(target, workers.port));
          FakeWorkers.send(exchange, 302, "");
        });

    assertThat(ask(away)).isEmpty();
    assertThat(workers.asked).hasValue(1);
  }

  @Test
  void moreThanMayBeAskedAtATimeAreAskedInTurn() throws IOException {
    var address = workers.add(FakeWorkers.json("{}"));
    var many = new String[150];
    java.util.Arrays.fill(many, address);

    assertThat(ask(many)).hasSizeGreaterThan(64);
  }

  private double failures(String reason) {
    return metrics.counter("functionapp.scaling.report.failures", "reason", reason).count();
  }

  private List<PodReport> ask(String... addresses) {
    var pods = new ArrayList<Pod>();
    for (var address : addresses) {
      pods.add(FakeGroups.pod(address).build());
    }
    return reports.ask(pods, Set.of());
  }
}
