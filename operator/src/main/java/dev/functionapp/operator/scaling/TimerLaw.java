package dev.functionapp.operator.scaling;

import dev.functionapp.operator.scaling.Recommendation.Reason;
import java.time.Instant;
import java.util.Collection;

/** Whether a timer or the scan for blobs asks for a replica: one is enough for either. */
final class TimerLaw {

  private TimerLaw() {}

  /**
   * One replica while a timer is due, runs, or is not known yet; else none.
   *
   * @param now by the operator's clock
   */
  static Recommendation timers(
      GroupScaling scaling, WakeTimes wake, Collection<PodReport> reports, Instant now) {
    var lead = scaling.demand().timerLead();
    for (var timer : scaling.timers()) {
      var next = wake.next(scaling, timer);
      if (WakeTimes.isRunning(timer, reports)) {
        return one(Reason.Timer, timer + ": is running");
      }
      if (next.isEmpty()) {
        return one(Reason.Timer, timer + ": its next occurrence is not known yet");
      }
      if (!next.get().minus(lead.orElseThrow()).isAfter(now)) {
        return one(Reason.Timer, "%s: due at %s".formatted(timer, next.get()));
      }
    }
    return Recommendation.idle();
  }

  /** One replica from the moment at which the next scan is due, until it has ended; else none. */
  static Recommendation scans(GroupScaling scaling, WakeTimes wake, Instant now) {
    if (!scaling.scans()) {
      return Recommendation.idle();
    }
    var next = wake.next(scaling, WakeTimes.SCAN);
    if (next.isEmpty()) {
      return one(Reason.Scan, "no scan for blobs has ended yet");
    }
    return next.get().isAfter(now)
        ? Recommendation.idle()
        : one(Reason.Scan, "scan for blobs due at " + next.get());
  }

  private static Recommendation one(Reason reason, String message) {
    return new Recommendation(1, reason, message);
  }
}
