package dev.functionapp.operator.plan;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How a revision replaces the one before.
 *
 * @param progressDeadline how long a pod of a revision may take to become ready
 * @param historyLimit revisions that are kept beside those in use
 * @param pin the name of the revision to run, whatever else the spec asks for
 */
public record Rollout(Duration progressDeadline, int historyLimit, Optional<String> pin) {

  /**
   * Names this try of a revision: one that has failed is tried again when this changes.
   *
   * @param reconcileAt asks, with another value, to try again
   */
  public String attempt(Optional<String> reconcileAt) {
    return Digests.shortDigest(
        Map.of(
            "progressDeadline",
            progressDeadline.toSeconds(),
            "pin",
            pin.orElse(""),
            "reconcileAt",
            reconcileAt.orElse("")));
  }
}
