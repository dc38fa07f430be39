package dev.functionapp.operator.scaling;

import static dev.functionapp.operator.scaling.TestGroups.REVISION;
import static dev.functionapp.operator.scaling.TestGroups.scanned;
import static dev.functionapp.operator.scaling.TestGroups.timer;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Timers and scans for blobs from zero. */
class WakeTimesTest {

  private static final Instant DUE = Instant.parse("2026-11-21T03:00:00Z");
  private static final Instant TOMORROW = Instant.parse("2026-11-22T03:00:00Z");
  private static final Duration SAME_CLOCK = Duration.ZERO;

  private static final GroupScaling TIMER = TestGroups.timer();
  private static final GroupScaling BLOBS = TestGroups.blobs();

  @Test
  @DisplayName("A timer sleeps until it is due, and is made up for until it ran")
  void theLifeOfAnOccurrence() {
    assertThat(timers(WakeTimes.NONE, List.of(), DUE.minusSeconds(3600))).isEqualTo(1);

    var kept = wake(WakeTimes.NONE, DUE, DUE.minusSeconds(3600));
    assertThat(kept).isEqualTo(new WakeTimes(REVISION, new TreeMap<>(Map.of("nightly", DUE))));
    assertThat(timers(kept, List.of(), DUE.minusSeconds(36))).isZero();
    assertThat(timers(kept, List.of(), DUE.minusSeconds(35))).isEqualTo(1);

    var running = List.of(timer(DUE.plusSeconds(1), SAME_CLOCK, TOMORROW, true));
    assertThat(kept.after(TIMER, running, DUE.plusSeconds(1))).isEqualTo(kept);
    assertThat(timers(kept, running, DUE.plusSeconds(1))).isEqualTo(1);
    assertThat(timers(kept, List.of(), DUE.plusSeconds(7200))).isEqualTo(1);

    var done = wake(kept, TOMORROW, DUE.plusSeconds(90));
    assertThat(done.next()).containsEntry("nightly", TOMORROW);
    assertThat(timers(done, List.of(), DUE.plusSeconds(90))).isZero();
  }

  @Test
  @DisplayName("A timer that runs counts, also where a later occurrence is known already")
  void oneReplicaWhileItRuns() {
    var done = wake(WakeTimes.NONE, TOMORROW, DUE);

    assertThat(timers(done, List.of(timer(DUE, SAME_CLOCK, TOMORROW, true)), DUE)).isEqualTo(1);
  }

  @Test
  @DisplayName("Fault: the clocks of worker and operator are a minute apart")
  void timesAreByTheOperatorsClock() {
    var behind =
        WakeTimes.NONE.after(
            TIMER,
            List.of(timer(DUE.minusSeconds(600), Duration.ofMinutes(1), DUE, false)),
            DUE.minusSeconds(600));
    assertThat(behind.next()).containsEntry("nightly", DUE.plusSeconds(60));

    var ahead =
        WakeTimes.NONE.after(
            TIMER,
            List.of(timer(DUE.minusSeconds(600), Duration.ofMinutes(-1), DUE, false)),
            DUE.minusSeconds(600));
    assertThat(ahead.next()).containsEntry("nightly", DUE.minusSeconds(60));
  }

  @Test
  void aReportThatTakesAMomentIsNoOtherTime() {
    var kept = wake(WakeTimes.NONE, DUE, DUE.minusSeconds(600));

    for (long late : new long[] {300, 1900, 2100, 3900}) {
      var report = timer(DUE.minusSeconds(500), Duration.ofMillis(late), DUE, false);
      assertThat(kept.after(TIMER, List.of(report), DUE.minusSeconds(500))).isEqualTo(kept);
    }
  }

  @Test
  void anOccurrenceThatIsPastIsNeverTakenBackByAReportThatIsLate() {
    var done = wake(WakeTimes.NONE, TOMORROW, DUE.plusSeconds(5));

    assertThat(wake(done, DUE, DUE.plusSeconds(6))).isEqualTo(done);
  }

  @Test
  void aScheduleThatASettingMovesForwardCounts() {
    var kept = wake(WakeTimes.NONE, TOMORROW, DUE.minusSeconds(600));

    assertThat(wake(kept, DUE, DUE.minusSeconds(600)).next()).containsEntry("nightly", DUE);
  }

  @Test
  @DisplayName("A frequent schedule keeps a replica, and costs no writes")
  void aFrequentScheduleIsNotWrittenDown() {
    var now = DUE;
    var wake = WakeTimes.NONE;
    for (int i = 0; i < 100; i++) {
      now = now.plusSeconds(10);
      assertThat(wake(wake, now.plusSeconds(10), now)).isSameAs(wake);
      assertThat(timers(wake, List.of(), now)).isEqualTo(1);
    }
  }

  @Test
  void whatAnotherRevisionSaidDoesNotCount() {
    var other = new WakeTimes("0000000000", new TreeMap<>(Map.of("nightly", TOMORROW)));

    assertThat(timers(other, List.of(), DUE)).isEqualTo(1);
    var foreign =
        new PodReport("0000000000", DUE, timer(DUE, SAME_CLOCK, TOMORROW, false).report());
    assertThat(WakeTimes.NONE.after(TIMER, List.of(foreign), DUE)).isEqualTo(WakeTimes.NONE);
    assertThat(wake(other, TOMORROW, DUE).revision()).isEqualTo(REVISION);
  }

  @Test
  void theNearestOfSeveralReportsCounts() {
    var now = DUE.minusSeconds(600);
    var reports =
        List.of(timer(now, SAME_CLOCK, TOMORROW, false), timer(now, SAME_CLOCK, DUE, false));

    assertThat(WakeTimes.NONE.after(TIMER, reports, now).next()).containsEntry("nightly", DUE);
  }

  @Test
  @DisplayName("Blobs from zero: the next scan is an interval after the last that found nothing")
  void theLifeOfAScan() {
    assertThat(TimerLaw.scans(BLOBS, WakeTimes.NONE, DUE).replicas()).isEqualTo(1);
    var busy = List.of(scanned(DUE, DUE.minusSeconds(1), false));
    assertThat(WakeTimes.NONE.after(BLOBS, busy, DUE)).isEqualTo(WakeTimes.NONE);

    var kept = WakeTimes.NONE.after(BLOBS, List.of(scanned(DUE, DUE.minusSeconds(1), true)), DUE);
    assertThat(kept.next()).containsEntry("", DUE.plusSeconds(299));
    assertThat(TimerLaw.scans(BLOBS, kept, DUE.plusSeconds(298)).replicas()).isZero();
    assertThat(TimerLaw.scans(BLOBS, kept, DUE.plusSeconds(299)).replicas()).isEqualTo(1);

    var soon = List.of(scanned(DUE.plusSeconds(20), DUE.plusSeconds(10), true));
    assertThat(kept.after(BLOBS, soon, DUE.plusSeconds(20))).isEqualTo(kept);
    var later = List.of(scanned(DUE.plusSeconds(90), DUE.plusSeconds(89), true));
    assertThat(kept.after(BLOBS, later, DUE.plusSeconds(90)).next())
        .containsEntry("", DUE.plusSeconds(389));
  }

  @Test
  void theAnnotationIsReadAsItIsWritten() {
    var wake =
        new WakeTimes(REVISION, new TreeMap<>(Map.of("nightly", DUE, WakeTimes.SCAN, TOMORROW)));

    assertThat(wake.toJson())
        .isEqualTo(
            """
            {"revision":"3f9c0a12be","next":{"":"2026-11-22T03:00:00Z","nightly":"2026-11-21T03:00:00Z"}}\
            """);
    assertThat(WakeTimes.parse(wake.toJson())).isEqualTo(wake);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "[]",
        "{\"revision\": \"3f9c0a12be\", \"next\": {\"nightly\": 3}}"
      })
  void anAnnotationThatSomeoneBrokeWakesTheGroup(String annotation) {
    assertThat(timers(WakeTimes.parse(annotation), List.of(), DUE)).isEqualTo(1);
  }

  private static int timers(WakeTimes wake, Collection<PodReport> reports, Instant now) {
    return TimerLaw.timers(TIMER, wake, reports, now).replicas();
  }

  private static WakeTimes wake(WakeTimes before, Instant next, Instant now) {
    return before.after(TIMER, List.of(timer(now, SAME_CLOCK, next, false)), now);
  }
}
