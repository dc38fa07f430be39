package dev.functionapp.operator.status;

import static dev.functionapp.operator.TestApps.broken;
import static dev.functionapp.operator.TestApps.http;
import static dev.functionapp.operator.TestApps.queue;
import static dev.functionapp.operator.status.AppStateFixtures.ASKED;
import static dev.functionapp.operator.status.AppStateFixtures.BUILDING;
import static dev.functionapp.operator.status.AppStateFixtures.GOOD;
import static dev.functionapp.operator.status.AppStateFixtures.NOT_VERIFIED;
import static dev.functionapp.operator.status.AppStateFixtures.NOW;
import static dev.functionapp.operator.status.AppStateFixtures.NO_BRANCH;
import static dev.functionapp.operator.status.AppStateFixtures.ROLLED_BACK;
import static dev.functionapp.operator.status.AppStateFixtures.created;
import static dev.functionapp.operator.status.AppStateFixtures.past;
import static dev.functionapp.operator.status.AppStateFixtures.running;
import static dev.functionapp.operator.status.AppStateFixtures.upgrade;

import dev.functionapp.operator.plan.Reason;
import dev.functionapp.v1alpha1.FunctionApp;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.stream.Stream;

/** States of an app of which no other revision is asked for, or that is left alone. */
final class SteadyStates {

  private SteadyStates() {}

  static Stream<AppState> all() {
    return Stream.of(rolledOut(), exposed(), others()).flatMap(states -> states);
  }

  /** What is asked for has been rolled out. */
  private static Stream<AppState> rolledOut() {
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
        running("ready-with-keda-down")
            .scaling(Finding.noted(Reason.KedaUnavailable, "KEDA is installed but does not work"))
            .is("T T T T F F F", "Current", "Healthy"),
        running("keda-down-from-the-start")
            .scaling(Finding.goesOn(Reason.KedaUnavailable, "KEDA is installed but does not work"))
            .is("F T T T F T F", "InProgress", "Progressing"),
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
        new AppStateBuilder("first-preparing-exposed")
            .preparation(BUILDING)
            .exposure(NOT_VERIFIED)
            .is("F F U F U T F U", "InProgress", "Progressing"));
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
}
