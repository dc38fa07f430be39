package dev.functionapp.operator.plan;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How far and on what a group scales.
 *
 * @param minReplicas what it keeps with nothing to do; of a group with HTTP functions see {@code
 *     http}
 * @param maxReplicas what it has at the most
 * @param paused whether replicas stay as they are
 */
public record Scaling(
    int minReplicas,
    int maxReplicas,
    Duration pollingInterval,
    Duration cooldownPeriod,
    boolean paused,
    Queue queue,
    Http http,
    Timer timer,
    Blob blob) {

  /**
   * For queue-triggered functions.
   *
   * @param length messages per replica; empty means as many as one replica works on at a time
   * @param messageAge how long messages may wait; empty means that length alone counts
   */
  public record Queue(OptionalInt length, Optional<Duration> messageAge) {}

  /**
   * For HTTP functions.
   *
   * @param minReplicas what their group keeps
   * @param concurrency requests in flight per replica
   */
  public record Http(int minReplicas, int concurrency) {}

  /**
   * For timers.
   *
   * @param lead how long before an occurrence a group that sleeps is woken
   */
  public record Timer(Duration lead) {}

  /**
   * For blob-triggered functions.
   *
   * @param scanInterval how often a group that sleeps is woken; empty means that it never sleeps
   */
  public record Blob(Optional<Duration> scanInterval) {}
}
