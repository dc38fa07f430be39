package dev.functionapp.operator.status;

import static dev.functionapp.operator.TestApps.broken;
import static dev.functionapp.operator.TestApps.http;
import static dev.functionapp.operator.status.AppStateFixtures.ASKED;
import static dev.functionapp.operator.status.AppStateFixtures.BUILDING;
import static dev.functionapp.operator.status.AppStateFixtures.GOOD;
import static dev.functionapp.operator.status.AppStateFixtures.NOT_BUILT;
import static dev.functionapp.operator.status.AppStateFixtures.NO_BRANCH;
import static dev.functionapp.operator.status.AppStateFixtures.PREPARED;
import static dev.functionapp.operator.status.AppStateFixtures.ROLLED_BACK;
import static dev.functionapp.operator.status.AppStateFixtures.ROLLING;
import static dev.functionapp.operator.status.AppStateFixtures.STORE_AWAY;
import static dev.functionapp.operator.status.AppStateFixtures.TIMED_OUT;
import static dev.functionapp.operator.status.AppStateFixtures.past;
import static dev.functionapp.operator.status.AppStateFixtures.pin;
import static dev.functionapp.operator.status.AppStateFixtures.upgrade;

import dev.functionapp.operator.plan.Reason;
import java.util.stream.Stream;

/** States on the way to a revision: to the app's first one, to another one, to a pinned one. */
final class RolloutStates {

  private RolloutStates() {}

  static Stream<AppState> all() {
    return Stream.of(first(), upgrades(), pins()).flatMap(states -> states);
  }

  /** The app's first revision: nothing has run yet. */
  private static Stream<AppState> first() {
    return Stream.of(
        new AppStateBuilder("first-preparing")
            .preparation(BUILDING)
            .is("F F U F U T F", "InProgress", "Progressing"),
        new AppStateBuilder("first-resolving")
            .preparation(Finding.goesOn(Reason.Resolving, "looking up the commit"))
            .is("F F U F U T F", "InProgress", "Progressing"),
        new AppStateBuilder("first-branch-not-found")
            .preparation(NO_BRANCH)
            .is("F F U F U F T", "Failed", "Degraded"),
        new AppStateBuilder("first-store-unavailable")
            .preparation(STORE_AWAY)
            .is("F F U F U T F", "InProgress", "Progressing"),
        new AppStateBuilder("first-build-retried")
            .preparation(Finding.goesOn(Reason.PrepareFailed, "attempt 2, after: exit code 1"))
            .is("F F U F U T F", "InProgress", "Progressing"),
        new AppStateBuilder("first-build-failed")
            .preparation(NOT_BUILT)
            .is("F F U F U F T", "Failed", "Degraded"),
        new AppStateBuilder("first-settings-not-found")
            .preparation(
                Finding.stuck(
                    Reason.SettingsNotFound,
                    "spec.settingsFrom[0].configMapRef.name: there is no ConfigMap \"shared\" in"
                        + " the namespace \"shop\"; create it or name another"))
            .is("F F U F U F T", "Failed", "Degraded"),
        new AppStateBuilder("first-no-function-loads")
            .preparation(PREPARED)
            .functions(
                Finding.stuck(Reason.NoFunctionLoads, "resize: no module named x"),
                broken("resize"))
            .is("F T F F U F T", "Failed", "Degraded"),
        new AppStateBuilder("first-rolling-out")
            .applied(1)
            .rollout(ROLLING)
            .available(
                Finding.goesOn(
                    Reason.NoReplicaAvailable, "group http has no replica that is ready"))
            .history(past(ASKED, 1).rolling())
            .serves(ASKED, 0)
            .is("F T T F T T F", "InProgress", "Progressing"),
        new AppStateBuilder("first-missed-deadline")
            .applied(1)
            .rollout(TIMED_OUT)
            .available(
                Finding.goesOn(
                    Reason.NoReplicaAvailable, "group http has no replica that is ready"))
            .history(past(ASKED, 1).failed())
            .serves(ASKED, 0)
            .is("F T T F T F T", "Failed", "Degraded"));
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
}
