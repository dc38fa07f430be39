package dev.functionapp.operator.plan;

import java.util.function.Supplier;

/** Which revision runs: the one that is asked for, unless it has shown that it cannot. */
public sealed interface RolloutDecision {

  /** What is asked for runs. */
  record RollOut() implements RolloutDecision {}

  /**
   * The revision to return to runs on, because what is asked for breaks it.
   *
   * @param broken the functions that no longer load, each with its reason
   */
  record Hold(String broken) implements RolloutDecision {}

  /**
   * What is asked for was given up: the revision to return to runs again, where there is one.
   *
   * @param failure why it was given up
   */
  record RollBack(PastRevision.Failure failure) implements RolloutDecision {}

  /**
   * Decides by what has become of the revisions so far. A pin is a decision of the user's, so it is
   * not held; nor is what was the last to be good, which has nothing better to be held against.
   *
   * @param asked the name of the revision that is asked for
   * @param regressions what it breaks of the revision to return to, as of {@link Regressions#of};
   *     is only called where that matters
   */
  static RolloutDecision of(
      String asked, AppSpec spec, History history, Supplier<String> regressions) {
    var failure =
        history
            .find(asked)
            .filter(past -> past.hasFailedFor(spec.attempt()))
            .flatMap(PastRevision::failure);
    if (failure.isPresent()) {
      return new RollBack(failure.get());
    }
    if (spec.rollout().pin().isEmpty() && !history.isNewestGood(asked)) {
      var broken = regressions.get();
      if (!broken.isEmpty()) {
        return new Hold(broken);
      }
    }
    return new RollOut();
  }
}
