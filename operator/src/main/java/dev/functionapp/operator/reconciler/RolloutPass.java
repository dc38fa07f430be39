package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.plan.AppPlan;
import dev.functionapp.operator.plan.AppSpec;
import dev.functionapp.operator.plan.History;
import dev.functionapp.operator.plan.Index;
import dev.functionapp.operator.plan.PastRevision;
import dev.functionapp.operator.plan.Regressions;
import dev.functionapp.operator.plan.Revision;
import dev.functionapp.operator.plan.RolloutDecision;
import dev.functionapp.operator.plan.StoredRevision;
import dev.functionapp.operator.resources.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One pass over an app's revisions: what has become of the one that is applied, and which one is
 * applied now. A revision that fails never stays while there is a good one to return to.
 */
final class RolloutPass {

  private final RolloutTools tools;
  private final AppSpec spec;
  private final RevisionStore revisions;
  private final LiveObjects live;
  private final Applier applier;
  private final DeploymentApplier deployments;
  private final PastPlans plans;
  private final History before;
  private final Instant now;
  private Optional<Instant> until = Optional.empty();

  /**
   * @param kedaInstalled whether there is something that scales queue groups
   */
  RolloutPass(
      RolloutTools tools,
      AppSpec spec,
      boolean kedaInstalled,
      RevisionStore revisions,
      LiveObjects live,
      Applier applier,
      DeploymentApplier deployments) {
    this.tools = tools;
    this.spec = spec;
    this.revisions = revisions;
    this.live = live;
    this.applier = applier;
    this.deployments = deployments;
    this.plans = new PastPlans(tools.store(), tools.planner(), spec, kedaInstalled, revisions);
    this.before = revisions.history();
    this.now = tools.clock().instant().truncatedTo(ChronoUnit.SECONDS);
  }

  /** Writes down what the revisions that are applied have come to. */
  void judge() {
    for (var name : applied()) {
      revisions
          .history()
          .find(name)
          .ifPresent(past ->
              plans
                  .find(past)
                  .map(plan -> Observations.judgement(past, plan, live, now))
                  .ifPresent(judgement -> {
                    revisions.update(judgement.revision());
                    judgement.until().ifPresent(this::lookAgainAt);
                  }));
    }
  }

  /** Runs the revision that the spec pins. */
  Outcome pinned(String pin) {
    return switch (PinnedRevision.find(pin, revisions, plans)) {
      case PinnedRevision.NotFound(var outcome) -> withoutAsked(outcome);
      case PinnedRevision.Found(var plan, var index, var prepared) -> apply(plan, index, prepared);
    };
  }

  /** Runs the revision that is asked for, unless it has shown that it cannot. */
  Outcome apply(AppPlan asked, Index index, String prepared) {
    var good = plans.good(asked.revision().name());
    var outcome = Outcome.planned(asked, prepared);
    return switch (RolloutDecision.of(
        asked.revision().name(), spec, revisions.history(), () -> regressions(good, index))) {
      case RolloutDecision.RollBack(var failure) -> rollBack(outcome, asked, failure, good);
      case RolloutDecision.Hold(var broken) -> {
        run(good.orElseThrow(), asked.revision());
        yield outcome.held(good.orElseThrow(), broken);
      }
      case RolloutDecision.RollOut() -> {
        begin(asked, index);
        run(asked, asked.revision());
        judge();
        expire(asked);
        yield outcome;
      }
    };
  }

  private String regressions(Optional<AppPlan> good, Index asked) {
    return good.flatMap(plan -> plans.index(plan.revision().name()))
        .map(serving -> Regressions.of(serving, asked, spec.arrangement()))
        .orElse("");
  }

  private Outcome rollBack(
      Outcome outcome, AppPlan asked, PastRevision.Failure failure, Optional<AppPlan> good) {
    run(good.orElse(asked), asked.revision());
    judge();
    boolean healed = revisions.history().isGood(asked.revision().name());
    return healed ? outcome : outcome.failed(failure, good);
  }

  /**
   * Where nothing can be applied of what is asked for: what runs stays, scaled and switched as the
   * spec says today, or what was good is applied again if that fails meanwhile.
   */
  Outcome withoutAsked(Outcome outcome) {
    var runs =
        revisions.history().newestFirst().stream()
            .filter(past -> applied().contains(past.name()))
            .findFirst();
    if (runs.isEmpty()) {
      return outcome;
    }
    boolean failed = runs.get().failure().isPresent();
    var plan = failed ? plans.good(runs.get().name()) : plans.find(runs.get());
    plan.ifPresent(found -> runMeanwhile(found, outcome.attempted()));
    return plan.map(outcome::keeping).orElse(outcome);
  }

  /** When the next deadline ends. */
  Optional<Duration> again() {
    return until.map(end -> {
      var left = Duration.between(tools.clock().instant(), end);
      return left.isPositive() ? left : Duration.ofSeconds(1);
    });
  }

  private void lookAgainAt(Instant end) {
    until = until.filter(sooner -> sooner.isBefore(end)).or(() -> Optional.of(end));
  }

  private void begin(AppPlan plan, Index index) {
    var name = plan.revision().name();
    var history = revisions.history();
    if (history.find(name).isEmpty()) {
      revisions.add(
          StoredRevision.of(plan.spec(), plan.revision()),
          PastRevision.first(plan.revision(), index.packageDigest(), history.nextNumber(), now));
    } else {
      boolean runs = applied().equals(Set.of(name));
      history.askedFor(name, runs, now).ifPresent(revisions::update);
    }
  }

  /** Applies a plan when it is known how the revision that is asked for loads. */
  private void run(AppPlan plan, Revision asked) {
    tools.grants().allowWorkers(spec.id(), plan.revision(), live);
    applyPlan(plan, new Children.Kept(asked.name(), false, !isSettled(plan)));
  }

  /** Applies a plan while another revision is prepared, or says why it cannot be. */
  private void runMeanwhile(AppPlan plan, Optional<Revision> asked) {
    asked.ifPresentOrElse(
        revision -> tools.grants().allowBoth(spec.id(), plan.revision(), revision, live),
        () -> tools.grants().allowWorkers(spec.id(), plan.revision(), live));
    var name = asked.map(Revision::name).orElse("");
    applyPlan(plan, new Children.Kept(name, true, !isSettled(plan)));
  }

  /** Groups of another revision go when these have proven themselves, or there is no other. */
  private boolean isSettled(AppPlan plan) {
    return revisions.history().isSettled(plan.revision().name());
  }

  private void applyPlan(AppPlan plan, Children.Kept kept) {
    tools.children().applyPlan(plan, kept, live, applier, deployments);
  }

  /** Lets revisions go that there are too many of, and what the package store holds for nobody. */
  private void expire(AppPlan asked) {
    var name = asked.revision().name();
    var used = live.revisionsInUse();
    used.put(name, asked.revision().packageKey());
    var expired = revisions.history().expired(spec.rollout().historyLimit(), used.keySet());
    expired.forEach(revisions::delete);
    revisions.history().newestFirst().forEach(past -> used.put(past.name(), past.packageKey()));
    boolean ended = revisions.history().isGood(name) && !before.isGood(name);
    tools.cleaning().clean(spec.id(), used, !expired.isEmpty() || ended);
  }

  private Set<String> applied() {
    return live.all(Deployment.class).map(RolloutPass::revisionOf).collect(Collectors.toSet());
  }

  private static String revisionOf(HasMetadata object) {
    return object.getMetadata().getLabels().getOrDefault(Labels.REVISION, "");
  }
}
