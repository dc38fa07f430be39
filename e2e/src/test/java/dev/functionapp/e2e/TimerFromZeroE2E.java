package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.support.AppManifest;
import dev.functionapp.e2e.support.Environment;
import dev.functionapp.e2e.support.ReplicaWatch;
import dev.functionapp.e2e.support.SideBySide;
import dev.functionapp.e2e.support.TestNamespace;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** A schedule is kept by a group that sleeps in between. */
@SideBySide
@Order(3)
class TimerFromZeroE2E {

  private static final String GROUP = "timer";
  private static final int EVERY_SECONDS = 60;

  /** Sends {@code START END} of each run to a queue. */
  private static final String RINGS =
      """
      import time
      from datetime import datetime, timezone
      import azure.functions as func

      app = func.FunctionApp()

      @app.timer_trigger("timer", schedule="0 * * * * *")
      @app.queue_output("chime", queue_name="%%CHIMES%%", connection="AzureWebJobsStorage")
      def ring(timer: func.TimerRequest, chime: func.Out[str]) -> None:
          start = datetime.now(timezone.utc)
          time.sleep(%d)
          chime.set(f"{start.isoformat()} {datetime.now(timezone.utc).isoformat()}")
      """;

  private final Environment environment;
  private final TestNamespace namespace;

  TimerFromZeroE2E(Environment environment, TestNamespace namespace) {
    this.environment = environment;
    this.namespace = namespace;
  }

  private record Run(Instant start, Instant end) {

    static Run of(String text) {
      String[] times = text.split(" ");
      return new Run(OffsetDateTime.parse(times[0]).toInstant(), OffsetDateTime.parse(times[1]).toInstant());
    }
  }

  @Test
  void fiveOccurrencesInARowStartOnTimeAndOnce() {
    assertOnTime("short", 5, 0);
  }

  /** A cooldown lasts 5 s. */
  @Test
  void aRunThatOutlastsTheCooldownIsFinished() {
    assertOnTime("long", 2, 12);
  }

  private void assertOnTime(String name, int occurrences, int lastsSeconds) {
    String queue = namespace.unique(name);
    FunctionApp app =
        namespace.ready(AppManifest.named(name).file("function_app.py", RINGS.formatted(lastsSeconds)).setting("CHIMES", queue));
    namespace.await("the group to sleep", Duration.ofMinutes(2), () -> app.replicas(GROUP) == 0);
    environment.storage().clear(queue);

    try (ReplicaWatch watch = new ReplicaWatch(app)) {
      Duration limit = Duration.ofSeconds(EVERY_SECONDS * (occurrences + 1L) + lastsSeconds + 10);
      namespace.await(occurrences + " runs", limit, () -> environment.storage().peek(queue).size() >= occurrences);
      List<Run> runs = environment.storage().peek(queue).stream().map(Run::of).toList();

      assertThat(runs).as("runs, one for each occurrence").hasSize(occurrences);
      long first = runs.getFirst().start().getEpochSecond() / EVERY_SECONDS;
      for (int i = 0; i < occurrences; i++) {
        Instant due = Instant.ofEpochSecond((first + i) * EVERY_SECONDS);
        assertThat(runs.get(i).start()).as("start of run " + i).isBetween(due, due.plusSeconds(1));
        assertThat(Duration.between(runs.get(i).start(), runs.get(i).end())).isGreaterThanOrEqualTo(Duration.ofSeconds(lastsSeconds));
      }
      for (int i = 1; i < occurrences; i++) {
        assertThat(watch.seen(GROUP, runs.get(i - 1).end(), runs.get(i).start())).as("replicas before run " + i).isEqualTo(Set.of(0, 1));
      }
    }
  }
}
