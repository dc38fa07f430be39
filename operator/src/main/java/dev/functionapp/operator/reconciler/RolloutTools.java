package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.packages.PackageStore;
import dev.functionapp.operator.plan.Planner;
import java.time.Clock;

/** What every pass over an app's revisions works with. */
record RolloutTools(
    PackageStore store,
    Planner planner,
    PackageGrants grants,
    Children children,
    StoreCleaning cleaning,
    Clock clock) {}
