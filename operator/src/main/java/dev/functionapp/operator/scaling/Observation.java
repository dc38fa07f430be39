package dev.functionapp.operator.scaling;

import java.time.Instant;
import java.util.List;

/**
 * A scale group at a moment.
 *
 * @param replicas those that its Deployment asks for
 * @param ready its pods that could be asked
 * @param reports of those that answered
 * @param wake when it has something to do next
 * @param now by the operator's clock
 */
record Observation(int replicas, int ready, List<PodReport> reports, WakeTimes wake, Instant now) {

  boolean isComplete() {
    return reports.size() >= ready;
  }

  /** Whether there are pods that could tell, and none does. */
  boolean isSilent() {
    return ready > 0 && reports.isEmpty();
  }
}
