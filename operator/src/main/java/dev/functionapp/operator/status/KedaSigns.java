package dev.functionapp.operator.status;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What the cluster shows at one look of whether KEDA works.
 *
 * @param namespace where KEDA runs, where that is known
 * @param metricsFault what is wrong with the API that KEDA's metrics server serves, as a predicate;
 *     empty where it is available
 * @param renewal of the Lease that KEDA's operator leads by; empty where there is none, because a
 *     KEDA that elects no leader has none
 */
public record KedaSigns(
    Optional<String> namespace, Optional<String> metricsFault, Optional<Renewal> renewal) {

  /**
   * The latest renewal of a Lease.
   *
   * @param at by the clock of who renewed it: to be compared with another renewal alone
   * @param lasts how long others leave the Lease to its holder
   */
  public record Renewal(Instant at, Duration lasts) {}
}
