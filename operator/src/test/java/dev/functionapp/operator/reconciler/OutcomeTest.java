package dev.functionapp.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.plan.Reason;
import dev.functionapp.operator.plan.SourceState;
import dev.functionapp.operator.status.Finding;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutcomeTest {

  private static final Finding PREPARED = Finding.ok(Reason.Prepared, "prepared");
  private static final Finding BUILDING = Finding.goesOn(Reason.Preparing, "building");
  private static final Finding NO_BRANCH = Finding.stuck(Reason.SourceNotFound, "no branch");
  private static final Finding AWAY = Finding.noted(Reason.ResolveFailed, "no answer");

  @Test
  void aBranchThatIsGoneIsSaidAlsoOfWhatIsPrepared() {
    assertThat(preparation(PREPARED, NO_BRANCH)).isEqualTo(NO_BRANCH);
    assertThat(preparation(BUILDING, NO_BRANCH)).isEqualTo(NO_BRANCH);
  }

  @Test
  void aServerThatIsAwayTakesNothingFromWhatIsPrepared() {
    assertThat(preparation(PREPARED, AWAY))
        .isEqualTo(Finding.ok(Reason.Prepared, "prepared; no answer"));
    assertThat(preparation(BUILDING, AWAY)).isEqualTo(BUILDING);
  }

  @Test
  void theSoonerOfTwoTimesHolds() {
    assertThat(again(Duration.ofMinutes(1), Duration.ofHours(1))).contains(Duration.ofMinutes(1));
    assertThat(again(Duration.ofHours(1), Duration.ofMinutes(1))).contains(Duration.ofMinutes(1));
  }

  private static Finding preparation(Finding preparation, Finding source) {
    return Outcome.unprepared(Optional.empty(), preparation, Optional.empty())
        .withSource(
            new SourceResolver.Progress(SourceState.NONE, Optional.of(source), Optional.empty()))
        .preparation();
  }

  private static Optional<Duration> again(Duration own, Duration ofSource) {
    return Outcome.unprepared(Optional.empty(), PREPARED, Optional.of(own))
        .withSource(
            new SourceResolver.Progress(SourceState.NONE, Optional.empty(), Optional.of(ofSource)))
        .again();
  }
}
