package dev.functionapp.operator.scaling;

import dev.functionapp.operator.scaling.Recommendation.Reason;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** How many replicas HTTP load asks for: requests in flight, so many for each replica. */
final class HttpLaw {

  private HttpLaw() {}

  /**
   * The replicas that the load asks for.
   *
   * @param inFlight of each pod that answered, an average
   * @param replicas those that there are to be now
   * @param concurrency invocations in flight for each replica, positive
   */
  static Recommendation of(List<OptionalDouble> inFlight, int replicas, int concurrency) {
    if (!inFlight.isEmpty() && inFlight.stream().noneMatch(OptionalDouble::isPresent)) {
      return new Recommendation(
          replicas, Reason.Unknown, "how many requests are in flight is not known");
    }
    double all = inFlight.stream().flatMapToDouble(OptionalDouble::stream).sum();
    return new Recommendation(
        (int) Math.min(Integer.MAX_VALUE, Math.ceil(all / concurrency)),
        Reason.HttpLoad,
        String.format(
            Locale.ROOT, "%.1f requests in flight, %d for each replica", all, concurrency));
  }
}
