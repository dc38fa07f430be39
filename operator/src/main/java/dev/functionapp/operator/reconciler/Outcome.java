package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.plan.AppPlan;
import dev.functionapp.operator.plan.PlannedFunction;
import dev.functionapp.operator.plan.Reason;
import dev.functionapp.operator.plan.Revision;
import dev.functionapp.operator.plan.SourceState;
import dev.functionapp.operator.status.Finding;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How far one pass got with an app's spec.
 *
 * @param attempted the revision that the spec asks for, where it makes one
 * @param functions its functions, where they are known
 * @param plan what is to run, where the revision is good; all of it has been applied but for {@code
 *     conflicts}
 * @param preparation whether the revision is built and verified
 * @param loaded whether its functions load
 * @param conflicts names that are taken by objects of others
 * @param again when to look again, where nothing else will be the occasion
 * @param sources what is to be kept of the source
 * @param failure what is worth trying again with growing pauses
 */
record Outcome(
    Optional<Revision> attempted,
    Optional<List<PlannedFunction>> functions,
    Optional<AppPlan> plan,
    Finding preparation,
    Finding loaded,
    List<String> conflicts,
    Optional<Duration> again,
    SourceState sources,
    Optional<RuntimeException> failure) {

  private static final Finding NOT_VERIFIED =
      Finding.unknown(Reason.NotVerified, "the functions are known when the package is prepared");

  /** Nothing of this spec can be prepared, or not now. */
  static Outcome unprepared(
      Optional<Revision> attempted, Finding preparation, Optional<Duration> again) {
    return new Outcome(
        attempted,
        Optional.empty(),
        Optional.empty(),
        preparation,
        NOT_VERIFIED,
        List.of(),
        again,
        SourceState.NONE,
        Optional.empty());
  }

  Outcome withConflicts(List<String> names) {
    return new Outcome(
        attempted, functions, plan, preparation, loaded, names, again, sources, failure);
  }

  Outcome againWithin(Duration limit) {
    var sooner = again.filter(own -> own.compareTo(limit) < 0).orElse(limit);
    return new Outcome(
        attempted,
        functions,
        plan,
        preparation,
        loaded,
        conflicts,
        Optional.of(sooner),
        sources,
        failure);
  }

  Outcome failedBy(RuntimeException e) {
    return new Outcome(
        attempted, functions, plan, preparation, loaded, conflicts, again, sources, Optional.of(e));
  }

  /** Also says what was found of the source, where that is worse than what became of it. */
  Outcome withSource(SourceResolver.Progress source) {
    var outcome =
        new Outcome(
            attempted,
            functions,
            plan,
            source.finding().map(this::beside).orElse(preparation),
            loaded,
            conflicts,
            again,
            source.state(),
            failure);
    return source.again().map(outcome::againWithin).orElse(outcome);
  }

  private Finding beside(Finding source) {
    if (preparation.isOk() && source.verdict() == Finding.Verdict.NOTED) {
      return Finding.ok(preparation.reason(), preparation.message() + "; " + source.message());
    }
    return source.verdict().compareTo(preparation.verdict()) > 0 ? source : preparation;
  }

  /** Whether everything that is planned is there. */
  boolean isApplied() {
    return plan.isPresent() && conflicts.isEmpty();
  }
}
