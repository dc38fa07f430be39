package dev.functionapp.operator.status;

import static dev.functionapp.operator.TestApps.ID;

import dev.functionapp.operator.plan.PastRevision;
import dev.functionapp.operator.plan.Reason;
import dev.functionapp.v1alpha1.FunctionApp;
import dev.functionapp.v1alpha1.FunctionAppStatus;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeSet;

/** What the states of the table have in common: revisions, and what is found of them. */
final class AppStateFixtures {

  static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  static final String GOOD = "1f0c6e7d42";
  static final String ASKED = "3f9c0a12be";
  static final String HTTP = "orders-http-05a2db05";
  static final String QUEUE = "orders-queue-resize-dd9fc0e3";

  static final Finding PREPARED =
      Finding.ok(Reason.Prepared, "revision " + ASKED + " is built and verified");
  static final Finding LOADED = Finding.ok(Reason.AllFunctionsLoaded, "every function loads");
  static final Finding APPLIED = Finding.ok(Reason.Ready, "every object is as wanted");
  static final Finding ROLLED_OUT = Finding.ok(Reason.Ready, "every group runs this revision");
  static final Finding SERVING = Finding.ok(Reason.Serving, "every group serves or sleeps");
  static final Finding SCALING = Finding.ok(Reason.Scaling, "KEDA scales every queue group");
  static final Finding NOT_VERIFIED =
      Finding.unknown(Reason.NotVerified, "known when the package is prepared");
  static final Finding NOTHING_DEPLOYED =
      Finding.goesOn(Reason.NothingDeployed, "no revision has been found good yet");
  static final Finding BUILDING = Finding.goesOn(Reason.Preparing, "building the package");
  static final Finding NOT_BUILT =
      Finding.stuck(
          Reason.RequirementsNotInstalled,
          "requirements.txt: No matching distribution found for pilow==11.0.0");
  static final Finding NO_BRANCH =
      Finding.stuck(Reason.SourceNotFound, "the repository has no branch \"main\"");
  static final Finding STORE_AWAY =
      Finding.goesOn(
          Reason.PackageStoreUnavailable,
          "the package store is not available: no answer (ConnectException)");
  static final Finding ROLLING =
      Finding.goesOn(Reason.RollingOut, "group http: 0 of 1 replicas run this revision");
  static final String MISSED =
      "revision %s was not ready within 10m: group http: pod orders-http-05a2db05-7c9d8-x2x5p: CrashLoopBackOff"
          .formatted(ASKED);
  static final Finding TIMED_OUT = Finding.stuck(Reason.ProgressDeadlineExceeded, MISSED);
  static final Finding ROLLED_BACK =
      Finding.stuck(
          Reason.ProgressDeadlineExceeded, MISSED + "; revision " + GOOD + " is applied again");

  private AppStateFixtures() {}

  static AppStateBuilder running(String name) {
    return new AppStateBuilder(name)
        .applied(1)
        .rollout(ROLLED_OUT)
        .available(SERVING)
        .history(past(ASKED, 1).good())
        .serves(ASKED, 1);
  }

  static AppStateBuilder upgrade(String name) {
    return new AppStateBuilder(name)
        .available(SERVING)
        .history(past(GOOD, 1).good())
        .serves(GOOD, 1);
  }

  static AppStateBuilder pin(String name, String revision) {
    return new AppStateBuilder(name)
        .applied(3)
        .pin(revision)
        .rollout(ROLLED_OUT)
        .available(SERVING)
        .history(past(GOOD, 3).good(), past(ASKED, 2).good())
        .serves(GOOD, 1);
  }

  static Past past(String name, long number) {
    return new Past(name, number);
  }

  /** As the API server completes it before the operator has seen it. */
  static FunctionApp created() {
    var app = app(1, Optional.empty());
    var status = new FunctionAppStatus();
    status.setObservedGeneration(-1L);
    app.setStatus(status);
    return app;
  }

  static FunctionApp app(long generation, Optional<String> pin) {
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

  record Past(String name, long number) {

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
}
