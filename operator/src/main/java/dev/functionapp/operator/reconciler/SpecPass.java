package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.packages.PackageStore;
import dev.functionapp.operator.packages.PackageStoreException;
import dev.functionapp.operator.plan.AppPlan;
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
import java.util.List;
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

  SpecPass(PackageStore store, Platform platform, SecretWriter secrets, Clock clock) {
    this.store = store;
    this.planner = new Planner(platform);
    this.platform = platform;
    this.resolver = new SourceResolver(platform, clock);
    this.grants = new PackageGrants(store, secrets);
    this.children = new Children(platform, secrets);
    this.preparation = new Preparation(platform, clock);
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
      LiveObjects live,
      Applier applier,
      DeploymentApplier deployments) {
    var source = resolver.advance(spec, sources, live, applier);
    var outcome =
        switch (Revisions.resolve(spec, configMaps.contents(), source.state(), platform)) {
          case Resolution.Rejected(var reason, var message) ->
              waiting(spec, Finding.stuck(reason, message), live);
          case Resolution.ToResolve() ->
              waiting(
                  spec,
                  source
                      .finding()
                      .orElseGet(() -> Finding.goesOn(Reason.Resolving, "looking up the commit")),
                  live);
          case Resolution.Resolved(var revision) ->
              resolved(spec, revision, kedaInstalled, live, applier, deployments);
        };
    var conflicts = applier.conflicts();
    boolean unwatched = configMaps.polled() || !conflicts.isEmpty();
    return (unwatched ? outcome.againWithin(POLL) : outcome)
        .withConflicts(conflicts)
        .withSource(source);
  }

  /** There is no revision yet; what runs goes on. */
  private Outcome waiting(AppSpec spec, Finding finding, LiveObjects live) {
    var outcome = Outcome.unprepared(Optional.empty(), finding, Optional.empty());
    try {
      grants.renew(spec.id(), live);
      return outcome;
    } catch (PackageStoreException e) {
      return outcome.failedBy(e);
    }
  }

  private Outcome resolved(
      AppSpec spec,
      Revision revision,
      boolean kedaInstalled,
      LiveObjects live,
      Applier applier,
      DeploymentApplier deployments) {
    try {
      var index = store.index(spec.id(), revision.name());
      if (index.isEmpty()) {
        return prepare(spec, revision, live, applier);
      }
      return run(spec, revision, index.get(), kedaInstalled, live, applier, deployments);
    } catch (PackageStoreException e) {
      return Outcome.unprepared(
              Optional.of(revision),
              Finding.goesOn(Reason.PackageStoreUnavailable, e.getMessage()),
              Optional.empty())
          .failedBy(e);
    }
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

  private Outcome run(
      AppSpec spec,
      Revision revision,
      Index index,
      boolean kedaInstalled,
      LiveObjects live,
      Applier applier,
      DeploymentApplier deployments) {
    var prepared =
        Finding.ok(Reason.Prepared, "revision " + revision.name() + " is built and verified");
    return switch (planner.plan(spec, revision, index, kedaInstalled)) {
      case Plan.Rejected(var reason, var message, var functions) -> {
        grants.renew(spec.id(), live);
        yield new Outcome(
            Optional.of(revision),
            Optional.of(functions),
            Optional.empty(),
            prepared,
            Finding.stuck(reason, message),
            List.of(),
            Optional.empty(),
            SourceState.NONE,
            Optional.empty());
      }
      case Plan.Planned(var plan) -> {
        grants.allowWorkers(spec.id(), revision, live);
        children.applyPlan(plan, live, applier, deployments);
        yield new Outcome(
            Optional.of(revision),
            Optional.of(plan.functions()),
            Optional.of(plan),
            prepared,
            loaded(plan),
            List.of(),
            Optional.empty(),
            SourceState.NONE,
            Optional.empty());
      }
    };
  }

  private static Finding loaded(AppPlan plan) {
    var broken = Planner.brokenFunctions(plan.functions());
    return broken.isEmpty()
        ? Finding.ok(Reason.AllFunctionsLoaded, "every function loads")
        : Finding.noted(Reason.SomeFunctionsBroken, "functions that do not load: " + broken);
  }
}
