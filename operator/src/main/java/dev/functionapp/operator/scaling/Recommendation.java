package dev.functionapp.operator.scaling;

/**
 * So many replicas, and why.
 *
 * @param message for people
 */
public record Recommendation(int replicas, Reason reason, String message) {

  /** Why there are as many replicas, in one word. */
  public enum Reason {
    QueueLength,
    MessageAge,
    HttpLoad,
    Timer,
    Scan,
    Waking,
    Minimum,
    Idle,
    Paused,
    Stopped,
    Unknown
  }

  static Recommendation idle() {
    return new Recommendation(0, Reason.Idle, "nothing to do");
  }

  /** Not more than that; the message then says so. */
  Recommendation atMost(int maxReplicas) {
    return replicas <= maxReplicas
        ? this
        : new Recommendation(
            maxReplicas, reason, "%s; capped by maxReplicas %d".formatted(message, maxReplicas));
  }

  /** The one that asks for more; of two that ask for as many, this one. */
  Recommendation or(Recommendation other) {
    return other.replicas > replicas ? other : this;
  }
}
