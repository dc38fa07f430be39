package dev.functionapp.operator.scaling;

import dev.functionapp.operator.scaling.Recommendation.Reason;
import java.util.Collection;

/** How many replicas a scale group asks for: the largest number of what takes part. */
final class ScalingLaw {

  private ScalingLaw() {}

  static Recommendation of(GroupScaling scaling, Observation seen) {
    var reports = seen.reports();
    var demand = scaling.demand();
    var recommendation =
        TimerLaw.timers(scaling, seen.wake(), reports, seen.now())
            .or(TimerLaw.scans(scaling, seen.wake(), seen.now()));
    if (demand.httpConcurrency().isPresent()) {
      var inFlight = reports.stream().map(report -> report.report().httpInFlight()).toList();
      recommendation =
          recommendation.or(
              HttpLaw.of(inFlight, seen.replicas(), demand.httpConcurrency().getAsInt()));
    }
    if (demand.messageAge().isPresent()) {
      for (var function : scaling.functions("queueTrigger")) {
        if (isDisabled(function, reports)) {
          continue;
        }
        var queues =
            reports.stream()
                .flatMap(report -> report.report().queues().stream())
                .filter(queue -> queue.function().equals(function))
                .toList();
        recommendation =
            recommendation.or(
                queues.isEmpty() && !reports.isEmpty()
                    ? QueueLaw.notKnown(function, seen.replicas())
                    : QueueLaw.of(function, queues, seen.replicas(), demand.messageAge().get()));
      }
    }
    if (!seen.isComplete()) {
      recommendation =
          recommendation.or(
              new Recommendation(
                  seen.replicas(),
                  Reason.Unknown,
                  "%d of %d replicas do not report"
                      .formatted(seen.ready() - reports.size(), seen.ready())));
    }
    return recommendation.atMost(scaling.maxReplicas());
  }

  /** Whether all say so: while settings are on their way, those that still work on it count. */
  private static boolean isDisabled(String function, Collection<PodReport> reports) {
    return !reports.isEmpty()
        && reports.stream().allMatch(report -> report.report().disabled().contains(function));
  }
}
