package dev.functionapp.operator.scaling;

import java.time.Duration;
import java.time.Instant;

/**
 * A report, and what the operator knows of it itself.
 *
 * @param revision that the pod runs, by its label
 * @param received by the operator's clock
 */
record PodReport(String revision, Instant received, Report report) {

  /** What asking takes is no difference between clocks. */
  private static final Duration SAME = Duration.ofSeconds(2);

  /** The moment that the worker's clock calls {@code time}, by the operator's clock. */
  Instant toOperatorClock(Instant time) {
    var ahead = report.now().map(now -> Duration.between(now, received)).orElse(Duration.ZERO);
    return ahead.abs().compareTo(SAME) <= 0 ? time : time.plus(ahead);
  }
}
