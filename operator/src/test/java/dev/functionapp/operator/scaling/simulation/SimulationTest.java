package dev.functionapp.operator.scaling.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How the law behaves over time, with KEDA and the HPA around it. */
@DisplayName("Scaling on message age, simulated")
class SimulationTest {

  private static final double AGE = 30;
  private static final Policy BY_AGE = Policy.age(AGE);

  /** Replicas that there have to be for a part of a wait are no fault of the law. */
  private static final double START = Autoscaler.POLLING + Autoscaler.SYNC + 8;

  @Test
  void ageAloneCarriesASteadyLoadWithoutFlapping() {
    var result = run(BY_AGE, Trace.steady());

    assertThat(result.taken()).isEqualTo(Trace.steady().messages().size());
    assertThat(result.wait(95)).isLessThan(AGE);
    assertThat(result.lateBelowMost(AGE)).isLessThan(0.02);
    assertThat(result.changes()).isLessThanOrEqualTo(8);
  }

  @Test
  void aBurstIsDoneInTimeForNoMoreThanLengthTakes() {
    var burst = Trace.burst();
    var byLength = run(Policy.length(burst.world().concurrency()), burst);
    var byBoth = run(Policy.both(burst.world().concurrency(), AGE), burst);
    var byAge = run(BY_AGE, burst);

    assertThat(byAge.wait(95)).isLessThan(AGE + START);
    assertThat(byAge.podSeconds()).isLessThanOrEqualTo(byLength.podSeconds() * 3 / 2);
    assertThat(byBoth.podSeconds()).isLessThanOrEqualTo(byLength.podSeconds() * 3 / 2);
    assertThat(byBoth.wait(95)).isLessThanOrEqualTo(byLength.wait(95));
  }

  @Test
  void slowFunctionsGetAsManyReplicasAsTheyNeed() {
    var result = run(BY_AGE, Trace.slow());

    assertThat(result.taken()).isEqualTo(Trace.slow().messages().size());
    assertThat(result.wait(50)).isLessThan(AGE);
    assertThat(result.mostReplicas()).isBetween(12, Policy.MAX_REPLICAS);
  }

  @Test
  @DisplayName("Fault: poison in the queue")
  void poisonAsksForNothing() {
    assertThat(run(BY_AGE, Trace.poison()).mostReplicas()).isEqualTo(1);
    assertThat(run(Policy.length(24), Trace.poison()).mostReplicas()).isGreaterThan(5);
  }

  @Test
  void delayedMessagesAskForNothing() {
    assertThat(run(BY_AGE, Trace.scheduled()).mostReplicas()).isEqualTo(1);
    assertThat(run(Policy.length(24), Trace.scheduled()).mostReplicas()).isGreaterThan(5);
  }

  private static Result run(Policy policy, Trace trace) {
    return Simulation.run(trace.world(), policy, trace);
  }
}
