package dev.functionapp.operator.scaling;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What a worker pod says of its work. Everything in it comes from where tenant code runs; what is
 * absent was not said, or was nonsense.
 *
 * @param now by the worker's clock
 * @param httpInFlight HTTP invocations in flight, averaged over half a minute
 * @param queues at most one for each function
 * @param timers at most one for each function
 * @param disabled functions that the pod's settings keep from running
 */
record Report(
    Optional<Instant> now,
    OptionalDouble httpInFlight,
    List<Queue> queues,
    List<Timer> timers,
    Optional<Blobs> blobs,
    Set<String> disabled) {

  /**
   * A queue-triggered function.
   *
   * @param length about how many messages there are, whatever their state
   * @param visible waiting messages that were never received, of the first 32
   * @param oldestMessageAge of the oldest waiting message that was never received
   * @param timeToLive of that message
   * @param working messages that this pod works on
   * @param newBatchThreshold it fetches no more while it works on more than that
   * @param throughput messages settled in a second while it fetched no more
   */
  record Queue(
      String function,
      String queue,
      OptionalLong length,
      OptionalInt visible,
      Optional<Duration> oldestMessageAge,
      Optional<Duration> timeToLive,
      OptionalInt working,
      OptionalInt newBatchThreshold,
      OptionalDouble throughput) {}

  /**
   * A timer.
   *
   * @param nextOccurrence by the worker's clock; one that is past has not been made up for yet
   */
  record Timer(String function, Optional<Instant> nextOccurrence, boolean running) {}

  /**
   * The scans for blobs.
   *
   * @param scannedAt when this pod last ended a whole scan, by its clock
   * @param idle whether that found nothing and the internal queue is empty
   */
  record Blobs(Optional<Instant> scannedAt, boolean idle) {}
}
