package dev.functionapp.operator.plan;

import java.time.Duration;
import java.util.Optional;

/**
 * How a revision replaces the one before.
 *
 * @param progressDeadline how long a pod of a revision may take to become ready
 * @param historyLimit revisions that are kept beside those in use
 * @param pin the name of the revision to run, whatever else the spec asks for
 */
public record Rollout(Duration progressDeadline, int historyLimit, Optional<String> pin) {}
