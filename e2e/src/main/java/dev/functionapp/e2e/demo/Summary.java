package dev.functionapp.e2e.demo;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What came of a run.
 *
 * @param sent photos that the app acknowledged
 * @param processed photos whose thumbnail is there and is an image of the right size
 * @param lost photos that were acknowledged and have none
 * @param poisoned messages that were given up
 * @param retries requests that were sent again
 * @param startReplicas replicas of the group before the first photo
 * @param mostReplicas the most that were seen
 * @param endReplicas replicas after the queue had been empty for the cooldown
 * @param firstResultSeconds from the first acknowledged photo to the first thumbnail; null without one
 * @param appReadySeconds from the start of the command to the app being ready
 * @param problems what is wrong, by id
 */
public record Summary(
    int sent,
    int processed,
    int lost,
    int poisoned,
    int retries,
    int startReplicas,
    int mostReplicas,
    int endReplicas,
    Double firstResultSeconds,
    double appReadySeconds,
    Map<String, String> problems) {

  private static final int ENOUGH_REPLICAS = 3;

  static Summary of(ThumbnailsRun run, Map<String, String> problems, int startReplicas, int endReplicas, Duration appReady) {
    int lost = (int) problems.keySet().stream().filter(run::isAcknowledged).count();
    Optional<Double> firstResult = run.firstResultAfter().map(after -> after.toMillis() / 1000.0);
    return new Summary(
        run.sent(),
        run.sent() - lost,
        lost,
        run.poisoned(),
        run.retries(),
        startReplicas,
        run.mostReplicas(),
        endReplicas,
        firstResult.orElse(null),
        appReady.toMillis() / 1000.0,
        problems);
  }

  /** Whether everything that was sent was processed, and the app scaled out and back in. */
  public boolean isGood() {
    return problems.isEmpty() && poisoned == 0 && startReplicas == 0 && mostReplicas >= ENOUGH_REPLICAS && endReplicas == 0;
  }

  /** The one line that says it all. */
  public String line() {
    return String.format(
        Locale.ROOT,
        "demo: %d sent, %d processed, %d lost, replicas %d→%d→%d, first result after %s s",
        sent,
        processed,
        lost,
        startReplicas,
        mostReplicas,
        endReplicas,
        firstResultSeconds == null ? "–" : String.format(Locale.ROOT, "%.1f", firstResultSeconds));
  }
}
