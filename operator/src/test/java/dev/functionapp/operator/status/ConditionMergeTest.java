package dev.functionapp.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.plan.Reason;
import dev.functionapp.v1alpha1.functionappstatus.Conditions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConditionMergeTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Finding OK = Finding.ok(Reason.Ready, "fine");

  private static final Findings ALL_OK =
      new Findings(OK, OK, OK, OK, OK, OK, Optional.empty(), Optional.empty());

  /**
   * What was found of the six aspects, and what each condition then says: True, False or Unknown.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // package | functions | applied | rollout | available | scaling || Ready | PackageReady |
        // FunctionsLoaded |
        // Available | ScalingReady | Reconciling | Stalled | reason of Ready
        "ok    | ok      | ok    | ok    | ok    | ok      | T | T | T | T | T | F | F | Ready",
        // The first revision is being built.
        "goes  | unknown | ok    | unknown | goes | unknown | F | F | U | F | U | T | F | 0",
        // A new revision is bad, the one before serves.
        "stuck | unknown | ok    | unknown | ok  | unknown | F | F | U | T | U | F | T | 0",
        // The first revision is bad: what is not available is not what has to be mended.
        "stuck | unknown | ok    | unknown | goes | unknown | F | F | U | F | U | F | T | 0",
        // One function is broken, the others run.
        "ok    | noted   | ok    | ok    | ok    | ok      | T | T | F | T | T | F | F | Ready",
        // None loads.
        "ok    | stuck   | ok    | unknown | goes | unknown | F | T | F | F | U | F | T | 1",
        // Someone else's object has a name that is needed.
        "ok    | ok      | stuck | ok    | ok    | ok      | F | T | T | T | T | F | T | 2",
        // The new revision is rolling out while the one before serves.
        "ok    | ok      | ok    | goes  | ok    | ok      | F | T | T | T | T | T | F | 3",
        // It did not roll out in time.
        "ok    | ok      | ok    | stuck | ok    | ok      | F | T | T | T | T | F | T | 3",
        // Pods have died since.
        "ok    | ok      | ok    | ok    | goes  | ok      | F | T | T | F | T | T | F | 4",
        // KEDA is not there: fixed replicas do the work.
        "ok    | ok      | ok    | ok    | ok    | noted   | T | T | T | T | F | F | F | Ready",
        // KEDA cannot read the queue: a group that sleeps would not wake.
        "ok    | ok      | ok    | ok    | ok    | goes    | F | T | T | T | F | T | F | 5",
      })
  void truthTable(
      String preparation,
      String functions,
      String applied,
      String rollout,
      String available,
      String scaling,
      String ready,
      String packageReady,
      String functionsLoaded,
      String isAvailable,
      String scalingReady,
      String reconciling,
      String stalled,
      String readyReason) {
    var aspects = List.of(preparation, functions, applied, rollout, available, scaling);
    var findings =
        new Findings(
            finding(aspects, 0),
            finding(aspects, 1),
            finding(aspects, 2),
            finding(aspects, 3),
            finding(aspects, 4),
            finding(aspects, 5),
            Optional.empty(),
            Optional.empty());

    var conditions = merge(NOW).of(findings, 7, List.of());

    assertThat(conditions)
        .extracting(condition -> condition.getType() + "=" + letter(condition))
        .containsExactly(
            "Available=" + isAvailable,
            "FunctionsLoaded=" + functionsLoaded,
            "PackageReady=" + packageReady,
            "Ready=" + ready,
            "Reconciling=" + reconciling,
            "ScalingReady=" + scalingReady,
            "Stalled=" + stalled);
    assertThat(conditions).allSatisfy(c -> assertThat(c.getObservedGeneration()).isEqualTo(7));
    var expected =
        readyReason.equals("Ready") ? "Ready" : REASONS.get(Integer.parseInt(readyReason)).name();
    assertThat(find(conditions, "Ready").getReason()).isEqualTo(expected);
  }

  /** One for each aspect, so that it shows whose finding a condition repeats. */
  private static final List<Reason> REASONS =
      List.of(
          Reason.Preparing,
          Reason.NoFunctionLoads,
          Reason.NameConflict,
          Reason.RollingOut,
          Reason.NoReplicaAvailable,
          Reason.ScaledObjectNotReady);

  private static Finding finding(List<String> aspects, int i) {
    var reason = REASONS.get(i);
    var message = "about aspect " + i;
    return switch (aspects.get(i)) {
      case "ok" -> Finding.ok(reason, message);
      case "noted" -> Finding.noted(reason, message);
      case "unknown" -> Finding.unknown(reason, message);
      case "goes" -> Finding.goesOn(reason, message);
      case "stuck" -> Finding.stuck(reason, message);
      default -> throw new IllegalArgumentException(aspects.get(i));
    };
  }

  @Test
  void readyNamesWhatIsNotAsAskedFor() {
    var findings =
        new Findings(
            OK,
            Finding.noted(Reason.SomeFunctionsBroken, "bad: no x"),
            OK,
            OK,
            OK,
            OK,
            Optional.empty(),
            Optional.empty());

    assertThat(find(merge(NOW).of(findings, 1, List.of()), "Ready").getMessage())
        .contains("bad: no x");
  }

  @Test
  void whetherItIsExposedIsSaidWhereThatIsAskedForAndReadyDoesNotWaitForIt() {
    var exposure = Finding.noted(Reason.NoController, "no controller has taken it up");
    var asked = new Findings(OK, OK, OK, OK, OK, OK, Optional.of(exposure), Optional.empty());

    var conditions = merge(NOW).of(asked, 1, List.of());

    assertThat(letter(find(conditions, "Exposed"))).isEqualTo("F");
    assertThat(find(conditions, "Exposed").getReason()).isEqualTo("NoController");
    assertThat(letter(find(conditions, "Ready"))).isEqualTo("T");
    assertThat(find(conditions, "Ready").getMessage()).contains("no controller has taken it up");
    assertThat(merge(NOW).of(ALL_OK, 2, conditions))
        .extracting(Conditions::getType)
        .doesNotContain("Exposed");
  }

  @Test
  void theTimeOfATransitionStaysWhileTheStatusDoes() {
    var going =
        new Findings(
            Finding.goesOn(Reason.Preparing, "building"),
            OK,
            OK,
            OK,
            OK,
            OK,
            Optional.empty(),
            Optional.empty());
    var still =
        new Findings(
            Finding.goesOn(Reason.Preparing, "loading"),
            OK,
            OK,
            OK,
            OK,
            OK,
            Optional.empty(),
            Optional.empty());
    var done = ALL_OK;
    var later = NOW.plus(Duration.ofMinutes(1));

    var first = merge(NOW).of(going, 1, List.of());
    var second = merge(later).of(still, 1, first);
    var third = merge(later).of(done, 1, second);

    assertThat(find(second, "Ready").getMessage()).isEqualTo("loading");
    assertThat(find(second, "Ready").getLastTransitionTime().toInstant()).isEqualTo(NOW);
    assertThat(find(third, "Ready").getLastTransitionTime().toInstant()).isEqualTo(later);
    assertThat(find(third, "Stalled").getLastTransitionTime().toInstant()).isEqualTo(NOW);
  }

  @Test
  void afterAFailureTheOtherConditionsStayAsTheyWere() {
    var before = merge(NOW).of(ALL_OK, 1, List.of());

    var after =
        merge(NOW).failed(Finding.goesOn(Reason.ReconcileFailed, "the API server"), 2, before);

    assertThat(letter(find(after, "Ready"))).isEqualTo("F");
    assertThat(letter(find(after, "Reconciling"))).isEqualTo("T");
    assertThat(find(after, "Available")).isEqualTo(find(before, "Available"));
    assertThat(find(after, "Available").getObservedGeneration()).isEqualTo(1);
    assertThat(after).hasSameSizeAs(before);
  }

  private static ConditionMerge merge(Instant now) {
    return new ConditionMerge(Clock.fixed(now, ZoneOffset.UTC));
  }

  private static Conditions find(List<Conditions> conditions, String type) {
    return ConditionMerge.find(conditions, type).orElseThrow();
  }

  private static String letter(Conditions condition) {
    return condition.getStatus().getValue().substring(0, 1);
  }
}
