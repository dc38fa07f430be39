package dev.functionapp.operator.status;

import dev.functionapp.operator.plan.Reason;
import dev.functionapp.operator.status.KedaSigns.Renewal;
import dev.functionapp.v1alpha1.functionappstatus.Conditions;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Optional;

/**
 * Whether KEDA works, as looks at it show that follow one another. It counts looks and asks no
 * clock: a process that was held up, or an API server that did not answer, is no silence of KEDA.
 *
 * @param decided whether there have been enough looks to say anything
 * @param fault why KEDA does not work, for people
 * @param renewal that of the last look
 * @param unavailable looks in a row at which the metrics API was not available
 * @param repeated looks in a row that showed this same renewal
 * @param sound looks in a row at which nothing was wrong
 */
public record KedaLiveness(
    boolean decided,
    Optional<String> fault,
    Optional<Renewal> renewal,
    int unavailable,
    int repeated,
    int sound) {

  /** From the end of one look to the next one. */
  public static final Duration INTERVAL = Duration.ofSeconds(15);

  /** Nobody has looked yet. */
  public static final KedaLiveness UNDECIDED =
      new KedaLiveness(false, Optional.empty(), Optional.empty(), 0, 0, 0);

  /** Most of a minute: a pod that is replaced is back by then. */
  private static final int FAILURES = 4;

  /** So that one that crashes again and again is not taken for one that works. */
  private static final int SUCCESSES = 2;

  /** After another look. */
  public KedaLiveness look(KedaSigns signs) {
    boolean same = signs.renewal().isPresent() && signs.renewal().equals(renewal);
    boolean first = signs.renewal().isPresent() && renewal.isEmpty();
    int nowUnavailable = signs.metricsFault().isPresent() ? unavailable + 1 : 0;
    int nowRepeated = same ? repeated + 1 : 1;
    int nowSound = same || first || nowUnavailable > 0 ? 0 : sound + 1;
    var found = fault(signs, nowUnavailable >= FAILURES, nowRepeated >= repeats(signs));
    boolean nowDecided = decided || found.isPresent() || nowSound >= SUCCESSES;
    return new KedaLiveness(
        nowDecided,
        found.or(() -> nowSound >= SUCCESSES ? Optional.empty() : fault),
        signs.renewal(),
        nowUnavailable,
        nowRepeated,
        nowSound);
  }

  /** After a look to which there was no answer: what was found holds, and counting begins anew. */
  public KedaLiveness unanswered() {
    return new KedaLiveness(decided, fault, Optional.empty(), 0, 0, 0);
  }

  /**
   * Why KEDA does not work; empty where it does. Until that is decided, what an app's status says
   * already stays.
   *
   * @param scalingReady the app's condition so far
   */
  public Optional<String> fault(Optional<Conditions> scalingReady) {
    return decided ? fault : scalingReady.filter(KedaLiveness::isFault).map(Conditions::getMessage);
  }

  /** Whether a condition says that KEDA does not work. */
  public static boolean isFault(Conditions scalingReady) {
    return scalingReady.getReason().equals(Reason.KedaUnavailable.name());
  }

  /** A holder that works renews its Lease at least once while that lasts. */
  private static int repeats(KedaSigns signs) {
    return signs
        .renewal()
        .map(last -> 1 + Math.ceilDiv(2 * last.lasts().toSeconds(), INTERVAL.toSeconds()))
        .map(looks -> Math.max(FAILURES, Math.toIntExact(looks)))
        .orElse(FAILURES);
  }

  private static Optional<String> fault(KedaSigns signs, boolean unavailable, boolean silent) {
    if (!unavailable && !silent) {
      return Optional.empty();
    }
    var causes = new ArrayList<String>();
    if (silent) {
      signs
          .renewal()
          .map(last ->
              "its operator has not renewed its Lease since "
                  + last.at().truncatedTo(ChronoUnit.SECONDS))
          .ifPresent(causes::add);
    }
    if (unavailable) {
      signs
          .metricsFault()
          .map("the API external.metrics.k8s.io of its metrics server "::concat)
          .ifPresent(causes::add);
    }
    return Optional.of(
        "KEDA is installed but does not work, so %s: %s; look at its pods and what they log%s"
            .formatted(
                silent ? "replicas stay as they are" : "groups that are awake get no more replicas",
                String.join(", and ", causes),
                signs.namespace().map(" (kubectl get pods --namespace %s)"::formatted).orElse("")));
  }
}
