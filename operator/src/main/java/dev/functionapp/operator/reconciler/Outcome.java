package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.plan.AppPlan;
import dev.functionapp.operator.plan.PastRevision;
import dev.functionapp.operator.plan.PlannedFunction;
import dev.functionapp.operator.plan.Planner;
import dev.functionapp.operator.plan.Reason;
import dev.functionapp.operator.plan.Revision;
import dev.functionapp.operator.plan.SourceState;
import dev.functionapp.operator.status.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How far one pass got with an app's spec.
 *
 * @param attempted the revision that the spec asks for, where it makes one
 * @param functions its functions, where they are known
 * @param plan what runs: the revision, or one before where it is not good; all of it has been
 *     applied but for {@code conflicts}
 * @param preparation whether the revision is built and verified
 * @param loaded whether its functions load
 * @param conflicts names that are taken by objects of others
 * @param rollback what has become of the revisions so far
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
    Rollback rollback,
    Optional<Duration> again,
    SourceState sources,
    Optional<RuntimeException> failure) {

  /**
   * What has become of revisions.
   *
   * @param finding why the one that is asked for does not run, where it was given up
   * @param history the revisions that were rolled out, newest first
   * @param pinned the revision that the spec pins
   */
  record Rollback(Optional<Finding> finding, List<PastRevision> history, Optional<String> pinned) {

    static final Rollback NONE = new Rollback(Optional.empty(), List.of(), Optional.empty());
  }

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
        Rollback.NONE,
        again,
        SourceState.NONE,
        Optional.empty());
  }

  /** A revision is good to be rolled out; {@code prepared} says of it that it is prepared. */
  static Outcome planned(AppPlan plan, String prepared) {
    return verified(plan.revision(), plan.functions(), Optional.of(plan), prepared, loaded(plan));
  }

  /** Nothing of the revision can run. */
  static Outcome rejected(
      Revision revision, List<PlannedFunction> functions, String prepared, Finding loaded) {
    return verified(revision, functions, Optional.empty(), prepared, loaded);
  }

  private static Outcome verified(
      Revision revision,
      List<PlannedFunction> functions,
      Optional<AppPlan> plan,
      String prepared,
      Finding loaded) {
    return new Outcome(
        Optional.of(revision),
        Optional.of(functions),
        plan,
        Finding.ok(Reason.Prepared, prepared),
        loaded,
        List.of(),
        Rollback.NONE,
        Optional.empty(),
        SourceState.NONE,
        Optional.empty());
  }

  private static Finding loaded(AppPlan plan) {
    var broken = Planner.brokenFunctions(plan.functions());
    var unknown = plan.unknownNames();
    if (broken.isEmpty() && unknown.isEmpty()) {
      return Finding.ok(Reason.AllFunctionsLoaded, "every function loads");
    }
    var texts = new ArrayList<String>();
    if (!broken.isEmpty()) {
      texts.add("functions that do not load: " + broken);
    }
    texts.addAll(unknown);
    return Finding.noted(
        broken.isEmpty() ? Reason.FunctionNotFound : Reason.SomeFunctionsBroken,
        String.join("; ", texts));
  }

  /**
   * The revision is not rolled out, because it would break functions.
   *
   * @param serving what runs on
   * @param broken the functions, each with its reason
   */
  Outcome held(AppPlan serving, String broken) {
    var message =
        "revision %s is not rolled out, because functions do not load in it that load in revision %s: %s"
            .formatted(attempted.map(Revision::name).orElse(""), serving.revision().name(), broken);
    return of(Optional.of(serving), Finding.stuck(Reason.FunctionsNoLongerLoad, message), rollback);
  }

  /**
   * The revision was given up.
   *
   * @param serving what is applied again; empty where nothing was good before
   */
  Outcome failed(PastRevision.Failure why, Optional<AppPlan> serving) {
    var returned =
        serving
            .map(good -> "; revision %s is applied again".formatted(good.revision().name()))
            .orElse("");
    var finding = Finding.stuck(why.reason(), why.message() + returned);
    return of(
        serving.or(() -> plan),
        loaded,
        new Rollback(Optional.of(finding), rollback.history(), rollback.pinned()));
  }

  /** Meanwhile this is applied. */
  Outcome keeping(AppPlan serving) {
    return of(Optional.of(serving), loaded, rollback);
  }

  Outcome withHistory(List<PastRevision> history, Optional<String> pinned) {
    return of(plan, loaded, new Rollback(rollback.finding(), history, pinned));
  }

  private Outcome of(Optional<AppPlan> runs, Finding functionsLoad, Rollback revisions) {
    return new Outcome(
        attempted,
        functions,
        runs,
        preparation,
        functionsLoad,
        conflicts,
        revisions,
        again,
        sources,
        failure);
  }

  Outcome withConflicts(List<String> names) {
    return new Outcome(
        attempted, functions, plan, preparation, loaded, names, rollback, again, sources, failure);
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
        rollback,
        Optional.of(sooner),
        sources,
        failure);
  }

  Outcome failedBy(RuntimeException e) {
    return new Outcome(
        attempted,
        functions,
        plan,
        preparation,
        loaded,
        conflicts,
        rollback,
        again,
        sources,
        Optional.of(e));
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
            rollback,
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

  /** Whether the user has to mend something before anything can be applied. */
  boolean isStuck() {
    return preparation.verdict() == Finding.Verdict.STUCK
        || loaded.verdict() == Finding.Verdict.STUCK;
  }

  /** Whether everything that is planned is there. */
  boolean isApplied() {
    return plan.isPresent() && conflicts.isEmpty();
  }
}
