package dev.functionapp.operator.plan;

import static dev.functionapp.operator.TestApps.spec;
import static dev.functionapp.operator.plan.PastRevisions.NOW;
import static dev.functionapp.operator.plan.PastRevisions.begun;
import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.AppSpecBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("Which revision runs")
class RolloutDecisionTest {

  private static final AppSpec SPEC = spec();

  /**
   * By what became of the revision that is asked for, what was asked for otherwise, by pin or not,
   * and whether functions would break.
   */
  @ParameterizedTest
  @CsvSource({
    // asked,       other,       pinned, breaks, decision
    "new,           none,        false,  false,  RollOut",
    "new,           good before, false,  false,  RollOut",
    "new,           good before, false,  true,   Hold",
    "new,           good before, true,   true,   RollOut",
    "rolling,       none,        false,  false,  RollOut",
    "rolling,       good before, false,  true,   Hold",
    "good,          good before, false,  true,   RollOut",
    "good,          good after,  false,  false,  RollOut",
    "good,          good after,  false,  true,   Hold",
    "good,          good after,  true,   true,   RollOut",
    "good,          failed,      false,  true,   RollOut",
    "failed,        none,        false,  false,  RollBack",
    "failed,        good before, false,  false,  RollBack",
    "failed,        good before, false,  true,   RollBack",
    "failed,        good before, true,   false,  RollBack",
    "failed before, none,        false,  false,  RollOut",
    "failed before, good before, false,  false,  RollOut",
    "failed before, good before, false,  true,   Hold",
  })
  void isAsTheTableSays(String asked, String other, boolean pinned, boolean breaks, String is) {
    var rollout =
        new Rollout(Duration.ofMinutes(10), 5, pinned ? Optional.of("a") : Optional.empty());
    var spec = AppSpecBuilder.from(SPEC).rollout(rollout).build();
    var known = new History(List.of());
    var before = begun("b", other.equals("good after") ? 3 : 1);
    known =
        switch (other) {
          case "good before", "good after" -> known.with(before.ready(NOW));
          case "failed" -> known.with(before.failed(failure(spec.attempt())));
          default -> known;
        };
    var begun = begun("a", 2);
    known =
        switch (asked) {
          case "rolling" -> known.with(begun);
          case "good" -> known.with(begun.ready(NOW));
          case "failed" -> known.with(begun.failed(failure(spec.attempt())));
          case "failed before" -> known.with(begun.failed(failure("another attempt")));
          default -> known;
        };

    var decision = RolloutDecision.of("a", spec, known, () -> breaks ? "upload: broken" : "");

    assertThat(decision.getClass().getSimpleName()).isEqualTo(is);
  }

  @Test
  void whatBreaksIsSaid() {
    var history = new History(List.of(begun("b", 1).ready(NOW)));

    assertThat(RolloutDecision.of("a", SPEC, history, () -> "upload: broken"))
        .isEqualTo(new RolloutDecision.Hold("upload: broken"));
  }

  @Test
  void whyItWasGivenUpIsSaid() {
    var failure = failure(SPEC.attempt());
    var history = new History(List.of(begun("a", 1).failed(failure)));

    assertThat(RolloutDecision.of("a", SPEC, history, () -> ""))
        .isEqualTo(new RolloutDecision.RollBack(failure));
  }

  private static PastRevision.Failure failure(String attempt) {
    return new PastRevision.Failure(Reason.ProgressDeadlineExceeded, "late", attempt);
  }
}
