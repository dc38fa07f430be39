package dev.functionapp.operator.plan;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;

/**
 * Functions that share a Deployment and scale together.
 *
 * @param name {@code http}, {@code timer}, {@code blob}, {@code queue-} and the function's name, or
 *     the name of an entry of {@code spec.groups}
 * @param functions the names of its functions
 * @param resources of each of its pods
 */
public record Group(String name, List<String> functions, ComputeResources resources, Scale scale) {

  /** The group of all HTTP functions. */
  public static final String HTTP = "http";

  /** The group of all timers. */
  public static final String TIMER = "timer";

  /** The group of all blob-triggered functions: they share one internal queue. */
  public static final String BLOB = "blob";

  /** The group that a queue-triggered function has to itself. */
  public static String queue(String function) {
    return "queue-" + function;
  }

  /** Who decides how many replicas there are. */
  public sealed interface Scale {}

  /** Exactly that many. */
  public record Fixed(int replicas) implements Scale {}

  /** No replicas, and nothing that wakes it. */
  public record Stopped() implements Scale {}

  /**
   * At least that many, because KEDA, which would scale the group, is not there to do so; replicas
   * that KEDA left behind are kept, so that nothing that is being worked on is cut short.
   */
  public record Unscaled(int minReplicas, Reason reason, String message) implements Scale {}

  /**
   * KEDA decides: the largest number that a queue's length or the scaling endpoint asks for.
   *
   * @param paused whether replicas stay as they are, and may be set by hand
   * @param queues those whose length counts; may be empty where there is a demand
   * @param demand what the scaling endpoint answers for; empty where length alone counts
   */
  public record Scaled(
      int minReplicas,
      int maxReplicas,
      Duration pollingInterval,
      Duration cooldownPeriod,
      boolean paused,
      List<QueueLength> queues,
      Optional<Demand> demand)
      implements Scale {}

  /**
   * A storage queue whose length a group is scaled by.
   *
   * @param function whose queue it is; for the internal queue of blob triggers, one of those
   *     functions
   * @param length messages for each replica
   */
  public record QueueLength(
      String function, String queue, int length, Trigger.Connection connection) {}

  /**
   * What the scaling endpoint takes into account for a group.
   *
   * @param messageAge how old the oldest waiting message of a queue may get
   * @param httpConcurrency HTTP invocations in flight for each replica
   * @param timerLead how long before an occurrence a replica is asked for, as the spec says it; the
   *     polling interval comes on top
   * @param scanInterval how long after the end of a scan for blobs the next one is due
   * @param functions the trigger's type, as in function.json, of each function of the group
   */
  public record Demand(
      Optional<Duration> messageAge,
      OptionalInt httpConcurrency,
      Optional<Duration> timerLead,
      Optional<Duration> scanInterval,
      SortedMap<String, String> functions) {}
}
