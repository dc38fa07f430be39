package dev.functionapp.operator.status;

import static dev.functionapp.operator.TestApps.ID;
import static dev.functionapp.operator.TestApps.PLATFORM;
import static dev.functionapp.operator.TestApps.broken;
import static dev.functionapp.operator.TestApps.http;
import static dev.functionapp.operator.TestApps.index;
import static dev.functionapp.operator.TestApps.queue;
import static dev.functionapp.operator.TestApps.spec;

import dev.functionapp.operator.plan.AppPlan;
import dev.functionapp.operator.plan.Index;
import dev.functionapp.operator.plan.PastRevision;
import dev.functionapp.operator.plan.Plan;
import dev.functionapp.operator.plan.PlannedFunction;
import dev.functionapp.operator.plan.Planner;
import dev.functionapp.operator.plan.Reason;
import dev.functionapp.operator.plan.Revision;
import dev.functionapp.operator.plan.SourceContent;
import dev.functionapp.operator.plan.SourceState;
import dev.functionapp.v1alpha1.FunctionApp;
import dev.functionapp.v1alpha1.FunctionAppStatus;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Every state that matters, of: package, functions, rollout, availability, scaling, pin, and
 * whether there is a good revision before the one that is asked for.
 */
final class AppStates {

  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  private static final String GOOD = "1f0c6e7d42";
  private static final String ASKED = "3f9c0a12be";
  private static final String HTTP = "orders-http-05a2db05";
  private static final String QUEUE = "orders-queue-resize-dd9fc0e3";

  private static final Finding PREPARED =
      Finding.ok(Reason.Prepared, "revision " + ASKED + " is built and verified");
  private static final Finding LOADED =
      Finding.ok(Reason.AllFunctionsLoaded, "every function loads");
  private static final Finding APPLIED = Finding.ok(Reason.Ready, "every object is as wanted");
  private static final Finding ROLLED_OUT =
      Finding.ok(Reason.Ready, "every group runs this revision");
  private static final Finding SERVING = Finding.ok(Reason.Serving, "every group serves or sleeps");
  private static final Finding SCALING =
      Finding.ok(Reason.Scaling, "KEDA scales every queue group");
  private static final Finding NOT_VERIFIED =
      Finding.unknown(Reason.NotVerified, "known when the package is prepared");
  private static final Finding NOTHING_DEPLOYED =
      Finding.goesOn(Reason.NothingDeployed, "no revision has been found good yet");
  private static final Finding BUILDING = Finding.goesOn(Reason.Preparing, "building the package");
  private static final Finding NOT_BUILT =
      Finding.stuck(
          Reason.RequirementsNotInstalled,
          "requirements.txt: No matching distribution found for pilow==11.0.0");
  private static final Finding NO_BRANCH =
      Finding.stuck(Reason.SourceNotFound, "the repository has no branch \"main\"");
  private static final Finding STORE_AWAY =
      Finding.goesOn(
          Reason.PackageStoreUnavailable,
          "the package store is not available: no answer (ConnectException)");
  private static final Finding ROLLING =
      Finding.goesOn(Reason.RollingOut, "group http: 0 of 1 replicas run this revision");
  private static final String MISSED =
      "revision %s was not ready within 10m: group http: pod orders-http-05a2db05-7c9d8-x2x5p: CrashLoopBackOff"
          .formatted(ASKED);
  private static final Finding TIMED_OUT = Finding.stuck(Reason.ProgressDeadlineExceeded, MISSED);
  private static final Finding ROLLED_BACK =
      Finding.stuck(
          Reason.ProgressDeadlineExceeded, MISSED + "; revision " + GOOD + " is applied again");

  private AppStates() {}

  static Stream<AppState> all() {
    return Stream.of(first(), running(), exposed(), upgrades(), pins(), others())
        .flatMap(states -> states);
  }

  /** The app's first revision: nothing has run yet. */
  private static Stream<AppState> first() {
    return Stream.of(
        new Builder("first-preparing")
            .preparation(BUILDING)
            .is("F F U F U T F", "InProgress", "Progressing"),
        new Builder("first-resolving")
            .preparation(Finding.goesOn(Reason.Resolving, "looking up the commit"))
            .is("F F U F U T F", "InProgress", "Progressing"),
        new Builder("first-branch-not-found")
            .preparation(NO_BRANCH)
            .is("F F U F U F T", "Failed", "Degraded"),
        new Builder("first-store-unavailable")
            .preparation(STORE_AWAY)
            .is("F F U F U T F", "InProgress", "Progressing"),
        new Builder("first-build-retried")
            .preparation(Finding.goesOn(Reason.PrepareFailed, "attempt 2, after: exit code 1"))
            .is("F F U F U T F", "InProgress", "Progressing"),
        new Builder("first-build-failed")
            .preparation(NOT_BUILT)
            .is("F F U F U F T", "Failed", "Degraded"),
        new Builder("first-settings-not-found")
            .preparation(
                Finding.stuck(
                    Reason.SettingsNotFound,
                    "spec.settingsFrom[0].configMapRef.name: there is no ConfigMap \"shared\" in"
                        + " the namespace \"shop\"; create it or name another"))
            .is("F F U F U F T", "Failed", "Degraded"),
        new Builder("first-no-function-loads")
            .preparation(PREPARED)
            .functions(
                Finding.stuck(Reason.NoFunctionLoads, "resize: no module named x"),
                broken("resize"))
            .is("F T F F U F T", "Failed", "Degraded"),
        new Builder("first-rolling-out")
            .applied(1)
            .rollout(ROLLING)
            .available(
                Finding.goesOn(
                    Reason.NoReplicaAvailable, "group http has no replica that is ready"))
            .history(past(ASKED, 1).rolling())
            .serves(ASKED, 0)
            .is("F T T F T T F", "InProgress", "Progressing"),
        new Builder("first-missed-deadline")
            .applied(1)
            .rollout(TIMED_OUT)
            .available(
                Finding.goesOn(
                    Reason.NoReplicaAvailable, "group http has no replica that is ready"))
            .history(past(ASKED, 1).failed())
            .serves(ASKED, 0)
            .is("F T T F T F T", "Failed", "Degraded"));
  }

  /** What is asked for has been rolled out. */
  private static Stream<AppState> running() {
    return Stream.of(
        running("ready").is("T T T T T F F", "Current", "Healthy"),
        running("ready-asleep").asleep().is("T T T T T F F", "Current", "Healthy"),
        running("ready-some-functions-broken")
            .functions(
                Finding.noted(
                    Reason.SomeFunctionsBroken,
                    "functions that do not load: mail: no module named x"),
                http("upload"),
                queue("resize"),
                broken("mail"))
            .is("T T F T T F F", "Current", "Healthy"),
        running("ready-without-keda")
            .scaling(Finding.noted(Reason.KedaNotInstalled, "KEDA is not installed"))
            .is("T T T T F F F", "Current", "Healthy"),
        running("ready-queue-not-there-yet")
            .scaling(
                Finding.noted(
                    Reason.ScaledObjectNotReady, "group queue-resize: KEDA cannot read the queue"))
            .is("T T T T F F F", "Current", "Healthy"),
        running("keda-pending")
            .scaling(
                Finding.goesOn(
                    Reason.KedaPending, "group queue-resize: KEDA has not taken it up yet"))
            .is("F T T T F T F", "InProgress", "Progressing"),
        running("pods-lost")
            .available(
                Finding.goesOn(
                    Reason.NoReplicaAvailable, "group http has no replica that is ready"))
            .serves(ASKED, 0)
            .is("F T T F T T F", "InProgress", "Progressing"),
        running("stopped")
            .available(
                Finding.noted(
                    Reason.Stopped, "spec.stopped is true: every group is kept at 0 replicas"))
            .serves(ASKED, 0)
            .is("T T T F T F F", "Current", "Healthy"),
        running("paused")
            .scaling(
                Finding.ok(Reason.Paused, "scaling is paused, as asked for, of http, queue-resize"))
            .is("T T T T T F F", "Current", "Healthy"),
        running("branch-deleted").preparation(NO_BRANCH).is("F F T T T F T", "Failed", "Degraded"),
        running("name-taken")
            .writes(
                Finding.stuck(
                    Reason.NameConflict,
                    "there is a Service \"orders\" already that does not belong to this app; rename"
                        + " or delete it, or rename the app"))
            .is("F T T T T F T", "Failed", "Degraded"));
  }

  /** Hostnames are asked for. */
  private static Stream<AppState> exposed() {
    return Stream.of(
        running("ready-exposed")
            .exposure(Finding.ok(Reason.Exposed, "an Ingress controller answers at 203.0.113.7"))
            .is("T T T T T F F T", "Current", "Healthy"),
        running("ready-without-controller")
            .exposure(Finding.noted(Reason.NoController, "no controller has taken up the Ingress"))
            .is("T T T T T F F F", "Current", "Healthy"),
        running("ready-without-gateway-api")
            .exposure(
                Finding.noted(
                    Reason.GatewayApiNotInstalled, "the cluster does not know HTTPRoutes"))
            .is("T T T T T F F F", "Current", "Healthy"),
        running("ready-not-accepted")
            .exposure(
                Finding.noted(
                    Reason.NotAccepted,
                    "Gateway \"public\" of the namespace \"gateways\" does not accept the"
                        + " HTTPRoute: NotAllowedByListeners: No listeners allow this route"))
            .is("T T T T T F F F", "Current", "Healthy"),
        new Builder("first-preparing-exposed")
            .preparation(BUILDING)
            .exposure(NOT_VERIFIED)
            .is("F F U F U T F U", "InProgress", "Progressing"));
  }

  /** Another revision is asked for, while a good one serves. */
  private static Stream<AppState> upgrades() {
    return Stream.of(
        upgrade("upgrade-preparing")
            .preparation(BUILDING)
            .is("F F U T U T F", "InProgress", "Progressing"),
        upgrade("upgrade-store-unavailable")
            .preparation(STORE_AWAY)
            .is("F F U T U T F", "InProgress", "Progressing"),
        upgrade("upgrade-resolve-retried")
            .preparation(Finding.goesOn(Reason.ResolveFailed, "git.example does not answer"))
            .is("F F U T U T F", "InProgress", "Progressing"),
        upgrade("upgrade-build-failed")
            .preparation(NOT_BUILT)
            .keeps()
            .is("F F U T T F T", "Failed", "Degraded"),
        upgrade("upgrade-no-function-loads")
            .preparation(PREPARED)
            .functions(
                Finding.stuck(Reason.NoFunctionLoads, "resize: no module named x"),
                broken("resize"))
            .keeps()
            .is("F T F T T F T", "Failed", "Degraded"),
        upgrade("upgrade-function-broken")
            .preparation(PREPARED)
            .functions(
                Finding.stuck(
                    Reason.FunctionsNoLongerLoad,
                    "revision %s is not rolled out, because functions do not load in it that load in revision %s: resize: no module named x"
                        .formatted(ASKED, GOOD)),
                http("upload"),
                broken("resize"))
            .keeps()
            .is("F T F T T F T", "Failed", "Degraded"),
        upgrade("upgrade-rolling-out")
            .applied(2)
            .rollout(ROLLING)
            .history(past(ASKED, 2).rolling(), past(GOOD, 1).good())
            .serves(ASKED, 1)
            .is("F T T T T T F", "InProgress", "Progressing"),
        upgrade("upgrade-rolled-back")
            .applied(2)
            .rollout(ROLLED_BACK)
            .history(past(ASKED, 2).failed(), past(GOOD, 1).good())
            .is("F T T T T F T", "Failed", "Degraded"),
        upgrade("upgrade-rolled-back-unavailable")
            .applied(2)
            .rollout(ROLLED_BACK)
            .available(
                Finding.goesOn(
                    Reason.NoReplicaAvailable, "group http has no replica that is ready"))
            .history(past(ASKED, 2).failed(), past(GOOD, 1).good())
            .serves(GOOD, 0)
            .is("F T T F T F T", "Failed", "Degraded"));
  }

  /** The spec pins a revision of its past. */
  private static Stream<AppState> pins() {
    return Stream.of(
        pin("pinned", GOOD).is("T T T T T F F", "Current", "Healthy"),
        pin("pinned-asleep", GOOD).asleep().is("T T T T T F F", "Current", "Healthy"),
        pin("pinned-rolling-out", GOOD)
            .rollout(ROLLING)
            .history(past(GOOD, 3).rolling(), past(ASKED, 2).good())
            .is("F T T T T T F", "InProgress", "Progressing"),
        pin("pinned-unavailable", GOOD)
            .available(
                Finding.goesOn(
                    Reason.NoReplicaAvailable, "group http has no replica that is ready"))
            .serves(GOOD, 0)
            .is("F T T F T T F", "InProgress", "Progressing"),
        pin("pinned-missed-deadline", GOOD)
            .rollout(
                Finding.stuck(
                    Reason.ProgressDeadlineExceeded,
                    "revision %s was not ready within 10m; revision %s is applied again"
                        .formatted(GOOD, ASKED)))
            .history(past(GOOD, 3).failed(), past(ASKED, 2).good())
            .serves(ASKED, 1)
            .is("F T T T T F T", "Failed", "Degraded"),
        upgrade("pin-not-found")
            .pin("0000000000")
            .preparation(
                Finding.stuck(
                    Reason.PinNotFound,
                    "spec.rollout.pin: there is no revision \"0000000000\"; name one of %s, or remove the pin"
                        .formatted(GOOD)))
            .keeps()
            .is("F F U T T F T", "Failed", "Degraded"));
  }

  private static Stream<AppState> others() {
    var unseen = running("ready-but-changed-since").generation(3);
    return Stream.of(
        new AppState("created", "- - - - - - -", "InProgress", "Progressing", created()),
        unseen.is("T T T T T F F", "InProgress", "Progressing"),
        suspended("suspended", running("ready").is("T T T T T F F", "", "").app()),
        suspended(
            "suspended-while-rolled-back",
            upgrade("upgrade-rolled-back")
                .applied(2)
                .rollout(ROLLED_BACK)
                .history(past(ASKED, 2).failed(), past(GOOD, 1).good())
                .is("F T T T T F T", "", "")
                .app()),
        suspended("suspended-from-the-start", created()));
  }

  /** The same app after its user has suspended it: all but one condition is as it was. */
  private static AppState suspended(String name, FunctionApp app) {
    var before = StatusTruthTableTest.letters(app);
    app.getSpec().setSuspend(true);
    app.getMetadata().setGeneration(app.getMetadata().getGeneration() + 1);
    app.setStatus(
        new StatusBuilder(Clock.fixed(NOW, ZoneOffset.UTC))
            .suspended(app.getStatus(), app.getMetadata().getGeneration()));
    return new AppState(name, before, "InProgress", "Suspended", app);
  }

  private static Builder running(String name) {
    return new Builder(name)
        .applied(1)
        .rollout(ROLLED_OUT)
        .available(SERVING)
        .history(past(ASKED, 1).good())
        .serves(ASKED, 1);
  }

  private static Builder upgrade(String name) {
    return new Builder(name).available(SERVING).history(past(GOOD, 1).good()).serves(GOOD, 1);
  }

  private static Builder pin(String name, String revision) {
    return new Builder(name)
        .applied(3)
        .pin(revision)
        .rollout(ROLLED_OUT)
        .available(SERVING)
        .history(past(GOOD, 3).good(), past(ASKED, 2).good())
        .serves(GOOD, 1);
  }

  private static Past past(String name, long number) {
    return new Past(name, number);
  }

  /** As the API server completes it before the operator has seen it. */
  private static FunctionApp created() {
    var app = app(1, Optional.empty());
    var status = new FunctionAppStatus();
    status.setObservedGeneration(-1L);
    app.setStatus(status);
    return app;
  }

  private static FunctionApp app(long generation, Optional<String> pin) {
    return new KubernetesSerialization()
        .unmarshal(
            """
            apiVersion: functionapp.dev/v1alpha1
            kind: FunctionApp
            metadata:
              name: orders
              namespace: shop
              uid: %s
              generation: %d
              creationTimestamp: "2026-11-21T11:00:00Z"
            spec:
              runtime: {name: python, version: "3.13"}
              source: {inline: {files: {function_app.py: "x = 1"}}}
              build: {mode: Auto}
              resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {memory: 512Mi}}
              scaling: {minReplicas: 0, maxReplicas: 20, http: {minReplicas: 1}}
              rollout: {progressDeadline: 10m, historyLimit: 5, pin: "%s"}
            """
                .formatted(ID.uid(), generation, pin.orElse("")),
            FunctionApp.class);
  }

  private record Past(String name, long number) {

    PastRevision rolling() {
      return of(Optional.empty(), Optional.empty());
    }

    PastRevision good() {
      return of(Optional.of(NOW.minusSeconds(1000 - number)), Optional.empty());
    }

    PastRevision failed() {
      return of(
          Optional.empty(),
          Optional.of(new PastRevision.Failure(Reason.ProgressDeadlineExceeded, MISSED, "10m")));
    }

    private PastRevision of(Optional<Instant> readyAt, Optional<PastRevision.Failure> failure) {
      return new PastRevision(
          name,
          number,
          "inline@" + name,
          "b".repeat(10),
          Optional.of("a".repeat(64)),
          NOW.minusSeconds(2000),
          readyAt,
          new TreeSet<>(),
          failure);
    }
  }

  /** One state; what is not said is as in an app that has just been made. */
  private static final class Builder {

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

    Builder(String name) {
      this.name = name;
    }

    Builder generation(long seen) {
      generation = seen;
      return this;
    }

    Builder pin(String revision) {
      pin = Optional.of(revision);
      return this;
    }

    /** Prepared, loaded, written and scaled. */
    Builder applied(long seen) {
      preparation = PREPARED;
      scaling = SCALING;
      return generation(seen).functions(LOADED, http("upload"), queue("resize"));
    }

    /** What ran before is applied as the spec has it scaled today. */
    Builder keeps() {
      scaling = SCALING;
      rollout = ROLLED_OUT;
      return this;
    }

    Builder preparation(Finding finding) {
      preparation = finding;
      return this;
    }

    Builder functions(Finding finding, Index.Function... of) {
      functions = finding;
      found = List.of(of);
      return this;
    }

    Builder writes(Finding finding) {
      written = finding;
      return this;
    }

    Builder rollout(Finding finding) {
      rollout = finding;
      return this;
    }

    Builder available(Finding finding) {
      available = finding;
      return this;
    }

    Builder scaling(Finding finding) {
      scaling = finding;
      return this;
    }

    Builder exposure(Finding finding) {
      exposure = Optional.of(finding);
      return this;
    }

    Builder history(PastRevision... newestFirst) {
      history = List.of(newestFirst);
      return this;
    }

    Builder serves(String revision, int ready) {
      workloads =
          List.of(
              new WorkloadState("http", HTTP, revision, 1, ready, available, rollout),
              new WorkloadState("queue-resize", QUEUE, revision, 0, 0, SERVING, ROLLED_OUT));
      return this;
    }

    Builder asleep() {
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
}
