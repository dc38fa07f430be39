package dev.functionapp.operator.status;

import static dev.functionapp.operator.TestApps.PLATFORM;
import static dev.functionapp.operator.TestApps.http;
import static dev.functionapp.operator.TestApps.index;
import static dev.functionapp.operator.TestApps.queue;
import static dev.functionapp.operator.TestApps.spec;
import static dev.functionapp.operator.status.AppStateFixtures.APPLIED;
import static dev.functionapp.operator.status.AppStateFixtures.ASKED;
import static dev.functionapp.operator.status.AppStateFixtures.BUILDING;
import static dev.functionapp.operator.status.AppStateFixtures.GOOD;
import static dev.functionapp.operator.status.AppStateFixtures.HTTP;
import static dev.functionapp.operator.status.AppStateFixtures.LOADED;
import static dev.functionapp.operator.status.AppStateFixtures.NOTHING_DEPLOYED;
import static dev.functionapp.operator.status.AppStateFixtures.NOT_VERIFIED;
import static dev.functionapp.operator.status.AppStateFixtures.NOW;
import static dev.functionapp.operator.status.AppStateFixtures.PREPARED;
import static dev.functionapp.operator.status.AppStateFixtures.QUEUE;
import static dev.functionapp.operator.status.AppStateFixtures.ROLLED_OUT;
import static dev.functionapp.operator.status.AppStateFixtures.SCALING;
import static dev.functionapp.operator.status.AppStateFixtures.SERVING;
import static dev.functionapp.operator.status.AppStateFixtures.app;

import dev.functionapp.operator.plan.AppPlan;
import dev.functionapp.operator.plan.Index;
import dev.functionapp.operator.plan.PastRevision;
import dev.functionapp.operator.plan.Plan;
import dev.functionapp.operator.plan.PlannedFunction;
import dev.functionapp.operator.plan.Planner;
import dev.functionapp.operator.plan.Revision;
import dev.functionapp.operator.plan.SourceContent;
import dev.functionapp.operator.plan.SourceState;
import dev.functionapp.v1alpha1.FunctionAppStatus;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** One state; what is not said is as in an app that has just been made. */
final class AppStateBuilder {

  private final String name;
  private long generation = 1;
  private Optional<String> pin = Optional.empty();
  private Finding preparation = BUILDING;
  private Finding functions = NOT_VERIFIED;
  private Finding written = APPLIED;
  private Finding rollout = NOT_VERIFIED;
  private Finding available = NOTHING_DEPLOYED;
  private Finding scaling = NOT_VERIFIED;
  private Optional<Finding> exposure = Optional.empty();
  private List<Index.Function> found = List.of();
  private List<PastRevision> history = List.of();
  private List<WorkloadState> workloads = List.of();

  AppStateBuilder(String name) {
    this.name = name;
  }

  AppStateBuilder generation(long seen) {
    generation = seen;
    return this;
  }

  AppStateBuilder pin(String revision) {
    pin = Optional.of(revision);
    return this;
  }

  /** Prepared, loaded, written and scaled. */
  AppStateBuilder applied(long seen) {
    preparation = PREPARED;
    scaling = SCALING;
    return generation(seen).functions(LOADED, http("upload"), queue("resize"));
  }

  /** What ran before is applied as the spec has it scaled today. */
  AppStateBuilder keeps() {
    scaling = SCALING;
    rollout = ROLLED_OUT;
    return this;
  }

  AppStateBuilder preparation(Finding finding) {
    preparation = finding;
    return this;
  }

  AppStateBuilder functions(Finding finding, Index.Function... of) {
    functions = finding;
    found = List.of(of);
    return this;
  }

  AppStateBuilder writes(Finding finding) {
    written = finding;
    return this;
  }

  AppStateBuilder rollout(Finding finding) {
    rollout = finding;
    return this;
  }

  AppStateBuilder available(Finding finding) {
    available = finding;
    return this;
  }

  AppStateBuilder scaling(Finding finding) {
    scaling = finding;
    return this;
  }

  AppStateBuilder exposure(Finding finding) {
    exposure = Optional.of(finding);
    return this;
  }

  AppStateBuilder history(PastRevision... newestFirst) {
    history = List.of(newestFirst);
    return this;
  }

  AppStateBuilder serves(String revision, int ready) {
    workloads =
        List.of(
            new WorkloadState("http", HTTP, revision, 1, ready, available, rollout),
            new WorkloadState("queue-resize", QUEUE, revision, 0, 0, SERVING, ROLLED_OUT));
    return this;
  }

  AppStateBuilder asleep() {
    workloads =
        List.of(
            new WorkloadState(
                "queue-resize", QUEUE, workloads.getFirst().revision(), 0, 0, SERVING, rollout));
    found = List.of(queue("resize"));
    return this;
  }

  AppState is(String conditions, String kstatus, String argocd) {
    var seen = name.endsWith("changed-since") ? generation - 1 : generation;
    var app = app(generation, pin);
    var plan = plan();
    app.setStatus(
        new StatusBuilder(Clock.fixed(NOW, ZoneOffset.UTC))
            .build(
                new FunctionAppStatus(),
                seen,
                Optional.of(revision(asked())),
                found.isEmpty() ? Optional.empty() : Optional.of(functionsOf(plan)),
                plan instanceof Plan.Planned(AppPlan planned)
                    ? Optional.of(planned)
                    : Optional.empty(),
                history,
                workloads,
                new Findings(
                    preparation, functions, written, rollout, available, scaling, exposure, pin),
                SourceState.NONE));
    return new AppState(name, conditions, kstatus, argocd, app);
  }

  private Plan plan() {
    var functionsFound = new ArrayList<>(found);
    return new Planner(PLATFORM)
        .plan(
            spec(),
            revision(running()),
            index(functionsFound.toArray(Index.Function[]::new)),
            true);
  }

  private static List<PlannedFunction> functionsOf(Plan plan) {
    return switch (plan) {
      case Plan.Planned(var planned) -> planned.functions();
      case Plan.Rejected rejected -> rejected.functions();
    };
  }

  private String asked() {
    return pin.filter(GOOD::equals).orElse(ASKED);
  }

  /** The one that is applied: what is asked for, or what was good before. */
  private String running() {
    return workloads.isEmpty() ? asked() : workloads.getFirst().revision();
  }

  private static Revision revision(String name) {
    return new Revision(
        name,
        "b".repeat(10),
        "inline@" + name,
        "worker:3.13",
        new SourceContent.Files(List.of()),
        new TreeMap<>(),
        new TreeMap<>());
  }
}
