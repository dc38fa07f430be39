package dev.functionapp.operator.scaling;

import dev.functionapp.operator.plan.Group;
import dev.functionapp.operator.scaling.Recommendation.Reason;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Why a group that KEDA scales has as many replicas as its Deployment asks for. */
final class Explanation {

  private Explanation() {}

  /**
   * Finds what asks for the most replicas now, by the same rules as what scales the group.
   *
   * @param scaling what the scaling endpoint answers by, where it takes part
   */
  static Recommendation of(Group.Scaled scaled, Optional<GroupScaling> scaling, Observation seen) {
    int asked = seen.replicas();
    if (seen.isSilent()) {
      return new Recommendation(
          asked, Reason.Unknown, "%d replicas are ready, and none reports".formatted(seen.ready()));
    }
    var wanted = wanted(scaled, scaling, seen).atMost(scaled.maxReplicas());
    if (asked == 0 && wanted.replicas() == 0) {
      return sleeping(scaling, seen);
    }
    if (asked <= scaled.minReplicas() && wanted.replicas() <= asked) {
      return new Recommendation(
          asked, Reason.Minimum, "minReplicas %d".formatted(scaled.minReplicas()));
    }
    if (wanted.replicas() == 0) {
      return withoutWork(scaled, seen);
    }
    return wanted.replicas() >= asked
        ? wanted
        : new Recommendation(
            asked,
            wanted.reason(),
            "%s; more than the %d that this takes, until the cooldown period is over"
                .formatted(wanted.message(), wanted.replicas()));
  }

  private static Recommendation wanted(
      Group.Scaled scaled, Optional<GroupScaling> scaling, Observation seen) {
    var wanted = Recommendation.idle();
    for (var queue : scaled.queues()) {
      wanted = wanted.or(length(queue, seen));
    }
    // The law often keeps what there is: where length asks for as many, length is why.
    return wanted.or(
        scaling.map(known -> ScalingLaw.of(known, seen)).orElseGet(Recommendation::idle));
  }

  /** As many as KEDA asks for by the length of a queue, as far as a pod has told it. */
  private static Recommendation length(Group.QueueLength target, Observation seen) {
    long length =
        seen.reports().stream()
            .flatMap(report -> report.report().queues().stream())
            .filter(queue -> queue.function().equals(target.function()))
            .map(Report.Queue::length)
            .flatMapToLong(OptionalLong::stream)
            .max()
            .orElse(0);
    return new Recommendation(
        (int) Math.min(Integer.MAX_VALUE, Math.ceilDiv(length, Math.max(1, target.length()))),
        Reason.QueueLength,
        "%s: %d messages, %d for each replica"
            .formatted(target.function(), length, target.length()));
  }

  private static Recommendation withoutWork(Group.Scaled scaled, Observation seen) {
    if (seen.ready() > 0) {
      return new Recommendation(
          seen.replicas(), Reason.Idle, "nothing to do; scales in after the cooldown period");
    }
    return new Recommendation(
        seen.replicas(),
        Reason.Waking,
        scaled.queues().isEmpty()
            ? "no replica has reported yet"
            : "messages wait, and the first replica starts");
  }

  private static Recommendation sleeping(Optional<GroupScaling> scaling, Observation seen) {
    Optional<Map.Entry<String, Instant>> next =
        scaling.stream()
            .filter(known -> known.revision().equals(seen.wake().revision()))
            .flatMap(known -> seen.wake().next().entrySet().stream())
            .min(Comparator.comparing(Map.Entry::getValue));
    var idle = Recommendation.idle();
    return next.map(entry ->
            new Recommendation(
                0,
                idle.reason(),
                "%s until %s at %s"
                    .formatted(
                        idle.message(),
                        entry.getKey().equals(WakeTimes.SCAN)
                            ? "the next scan for blobs"
                            : entry.getKey(),
                        entry.getValue())))
        .orElse(idle);
  }
}
