package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.packages.PackageStore;
import dev.functionapp.operator.plan.AppPlan;
import dev.functionapp.operator.plan.AppSpec;
import dev.functionapp.operator.plan.Index;
import dev.functionapp.operator.plan.PastRevision;
import dev.functionapp.operator.plan.Plan;
import dev.functionapp.operator.plan.Planner;
import dev.functionapp.operator.plan.StoredRevision;
import java.util.Optional;

/** Revisions of an app's history as they are to run today. */
final class PastPlans {

  private final PackageStore store;
  private final Planner planner;
  private final AppSpec spec;
  private final boolean kedaInstalled;
  private final RevisionStore revisions;

  PastPlans(
      PackageStore store,
      Planner planner,
      AppSpec spec,
      boolean kedaInstalled,
      RevisionStore revisions) {
    this.store = store;
    this.planner = planner;
    this.spec = spec;
    this.kedaInstalled = kedaInstalled;
    this.revisions = revisions;
  }

  /** A revision's plan; empty where it cannot run any more. */
  Optional<AppPlan> find(PastRevision past) {
    return revisions
        .stored(past.name())
        .flatMap(stored ->
            index(past.name())
                .flatMap(index ->
                    plan(stored, index) instanceof Plan.Planned(var plan)
                        ? Optional.of(plan)
                        : Optional.empty()));
  }

  /** That of the newest good revision but for one. */
  Optional<AppPlan> good(String butFor) {
    return revisions.history().good(butFor).stream()
        .flatMap(past -> find(past).stream())
        .findFirst();
  }

  Plan plan(StoredRevision stored, Index index) {
    return planner.plan(stored.under(spec), stored.revision(), index, kedaInstalled);
  }

  Optional<Index> index(String revision) {
    return store.index(spec.id(), revision);
  }
}
