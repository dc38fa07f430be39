package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.resources.Labels;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;

/** How long to wait before another Job follows one that failed. */
final class Backoff {

  static final Duration FIRST_PAUSE = Duration.ofSeconds(5);

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

  private Backoff() {}

  /** Which Job of its kind it is, from 1. */
  static int attempt(Job job) {
    return Integer.parseInt(job.getMetadata().getAnnotations().getOrDefault(Labels.ATTEMPT, "1"));
  }

  /** The pause after an attempt: it doubles from 5 seconds to a minute. */
  static Duration pause(int attempt) {
    int doublings = Math.min(attempt - 1, 10);
    var pause = FIRST_PAUSE.multipliedBy(1L << doublings);
    return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
  }
}
