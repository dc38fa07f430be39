package dev.functionapp.operator.plan;

import java.time.Duration;
import java.util.List;

/**
 * Functions that share a Deployment and scale together.
 *
 * @param name {@code http}, {@code timer}, {@code blob}, or {@code queue-} and the function's name
 * @param functions the names of its functions
 */
public record Group(String name, List<String> functions, Scale scale) {

  /** The group of all HTTP functions. */
  public static final String HTTP = "http";

  /** The group of all timers. */
  public static final String TIMER = "timer";

  /** The group of all blob-triggered functions: they share one internal queue. */
  public static final String BLOB = "blob";

  /** Who decides how many replicas there are. */
  public sealed interface Scale {}

  /** Exactly that many. */
  public record Fixed(int replicas) implements Scale {}

  /**
   * At least that many, because KEDA, which would scale the group, is not there to do so; replicas
   * that KEDA left behind are kept, so that nothing that is being worked on is cut short.
   */
  public record Unscaled(int minReplicas, Reason reason, String message) implements Scale {}

  /** KEDA decides, from the length of a queue. */
  public record ByQueue(
      int minReplicas,
      int maxReplicas,
      Duration pollingInterval,
      Duration cooldownPeriod,
      String queue,
      int queueLength,
      String connectionSetting)
      implements Scale {}
}
