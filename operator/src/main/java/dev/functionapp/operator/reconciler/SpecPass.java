package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.packages.PackageStore;
import dev.functionapp.operator.packages.PackageStoreException;
import dev.functionapp.operator.packages.StoreCleaner;
import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.AppSpec;
import dev.functionapp.operator.plan.Index;
import dev.functionapp.operator.plan.Plan;
import dev.functionapp.operator.plan.Planner;
import dev.functionapp.operator.plan.Platform;
import dev.functionapp.operator.plan.Reason;
import dev.functionapp.operator.plan.Resolution;
import dev.functionapp.operator.plan.Revision;
import dev.functionapp.operator.plan.Revisions;
import dev.functionapp.operator.plan.SourceState;
import dev.functionapp.operator.status.Finding;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/** Takes one look at an app and brings it one step on: observe, plan, apply. */
final class SpecPass {

  /** How soon something is seen that is not watched. */
  private static final Duration POLL = Duration.ofSeconds(30);

  private final PackageStore store;
  private final Planner planner;
  private final Platform platform;
  private final SourceResolver resolver;
  private final PackageGrants grants;
  private final Children children;
  private final Preparation preparation;
  private final RolloutTools rollouts;

  SpecPass(PackageStore store, Platform platform, SecretWriter secrets, Clock clock) {
    this.store = store;
    this.planner = new Planner(platform);
    this.platform = platform;
    this.resolver = new SourceResolver(platform, clock);
    this.grants = new PackageGrants(store, secrets);
    this.children = new Children(platform, secrets);
    this.preparation = new Preparation(platform, clock);
    this.rollouts =
        new RolloutTools(
            store,
            planner,
            grants,
            children,
            new StoreCleaning(new StoreCleaner(store, clock), clock),
            clock);
  }

  /**
   * @param sources what the status keeps of the source
   * @param kedaInstalled whether there is something that scales queue groups
   */
  Outcome run(
      AppSpec spec,
      ReferencedConfigMaps configMaps,
      SourceState sources,
      boolean kedaInstalled,
      RevisionStore revisions,
      LiveObjects live,
      Applier applier,
      DeploymentApplier deployments) {
    var source =
        spec.rollout().pin().isPresent()
            ? new SourceResolver.Progress(sources, Optional.empty(), Optional.empty())
            : resolver.advance(spec, sources, live, applier);
    var rollout =
        new RolloutPass(rollouts, spec, kedaInstalled, revisions, live, applier, deployments);
    var outcome =
        spec.rollout()
            .pin()
            .map(pin -> pinned(pin, rollout))
            .orElseGet(() -> asked(spec, configMaps, source, kedaInstalled, rollout, live, applier))
            .withHistory(revisions.history().newestFirst(), spec.rollout().pin());
    outcome = rollout.again().map(outcome::againWithin).orElse(outcome);
    outcome = deployments.again().map(outcome::againWithin).orElse(outcome);
    var conflicts = applier.conflicts();
    boolean unwatched =
        configMaps.polled() || !conflicts.isEmpty() || applier.refusal().isPresent();
    return (unwatched ? outcome.againWithin(POLL) : outcome)
        .withConflicts(conflicts)
        .withSource(source);
  }

  /** Lets pods start whatever else is left alone: grants end after some hours. */
  void keepGrants(AppId app, LiveObjects live) {
    grants.renew(app, live);
  }

  private static Outcome pinned(String pin, RolloutPass rollout) {
    try {
      rollout.judge();
      return rollout.pinned(pin);
    } catch (PackageStoreException e) {
      return unavailable(Optional.empty(), e);
    }
  }

  private Outcome asked(
      AppSpec spec,
      ReferencedConfigMaps configMaps,
      SourceResolver.Progress source,
      boolean kedaInstalled,
      RolloutPass rollout,
      LiveObjects live,
      Applier applier) {
    return switch (Revisions.resolve(spec, configMaps.contents(), source.state(), platform)) {
      case Resolution.Rejected(var reason, var message) ->
          waiting(spec, Finding.stuck(reason, message), rollout, live);
      case Resolution.ToResolve() ->
          waiting(
              spec,
              source
                  .finding()
                  .orElseGet(() -> Finding.goesOn(Reason.Resolving, "looking up the commit")),
              rollout,
              live);
      case Resolution.Resolved(var revision) ->
          resolved(spec, revision, kedaInstalled, rollout, live, applier);
    };
  }

  /** There is no revision yet; what runs goes on. */
  private Outcome waiting(AppSpec spec, Finding finding, RolloutPass rollout, LiveObjects live) {
    var outcome = Outcome.unprepared(Optional.empty(), finding, Optional.empty());
    try {
      rollout.judge();
      grants.renew(spec.id(), live);
      return rollout.withoutAsked(outcome);
    } catch (PackageStoreException e) {
      return outcome.failedBy(e);
    }
  }

  private Outcome resolved(
      AppSpec spec,
      Revision revision,
      boolean kedaInstalled,
      RolloutPass rollout,
      LiveObjects live,
      Applier applier) {
    try {
      rollout.judge();
      var index = store.index(spec.id(), revision.name());
      return index.isEmpty()
          ? rollout.withoutAsked(prepare(spec, revision, live, applier))
          : verified(spec, revision, index.get(), kedaInstalled, rollout, live);
    } catch (PackageStoreException e) {
      return unavailable(Optional.of(revision), e);
    }
  }

  private static Outcome unavailable(Optional<Revision> revision, PackageStoreException e) {
    return Outcome.unprepared(
            revision,
            Finding.goesOn(Reason.PackageStoreUnavailable, e.getMessage()),
            Optional.empty())
        .failedBy(e);
  }

  private Outcome prepare(AppSpec spec, Revision revision, LiveObjects live, Applier applier) {
    store.ensureContainers(spec.id().namespace());
    children.applyForPreparation(spec, revision, live, applier);
    // The kubelet waits for a Secret that is missing, but only looks again after minutes: first the
    // Secret, then the Job.
    grants.allowPreparation(spec.id(), revision, live);
    var progress = preparation.advance(spec, revision, live, applier);
    return Outcome.unprepared(Optional.of(revision), progress.finding(), progress.again());
  }

  private Outcome verified(
      AppSpec spec,
      Revision revision,
      Index index,
      boolean kedaInstalled,
      RolloutPass rollout,
      LiveObjects live) {
    var prepared = "revision " + revision.name() + " is built and verified";
    return switch (planner.plan(spec, revision, index, kedaInstalled)) {
      case Plan.Rejected(var reason, var message, var functions) -> {
        grants.renew(spec.id(), live);
        yield rollout.withoutAsked(
            Outcome.rejected(revision, functions, prepared, Finding.stuck(reason, message)));
      }
      case Plan.Planned(var plan) -> rollout.apply(plan, index, prepared);
    };
  }
}
