package dev.functionapp.operator.status;

import dev.functionapp.operator.plan.AppSpec;
import dev.functionapp.operator.plan.PastRevision;
import dev.functionapp.operator.plan.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What a revision that is applied has come to.
 *
 * @param until when it has to be looked at again, where nothing else will be the occasion
 */
public record Judgement(PastRevision revision, Optional<Instant> until) {

  /**
   * Judges by what its groups say. A group whose pods have been ready once never speaks against it
   * again: what keeps them from being ready later comes from elsewhere.
   *
   * @param groups every group of the revision, by name
   */
  public static Judgement of(
      PastRevision revision, Map<String, GroupProof> groups, AppSpec spec, Instant now) {
    var proven = new TreeSet<>(revision.provenGroups());
    var missed = Optional.<String>empty();
    var until = Optional.<Instant>empty();
    boolean settled = !groups.isEmpty();
    for (var group : groups.entrySet()) {
      switch (group.getValue()) {
        case GroupProof.Proven() -> proven.add(group.getKey());
        case GroupProof.Asleep() -> {}
        case GroupProof.Missed(var message) -> {
          missed = missed.or(() -> Optional.of(message));
          settled = false;
        }
        case GroupProof.Pending(var end) -> {
          until = earlier(until, end);
          settled = false;
        }
      }
    }
    boolean news = !proven.equals(revision.provenGroups());
    var after = news ? revision.provenIn(proven) : revision;
    if (missed.isPresent() && revision.failure().isEmpty()) {
      return new Judgement(after.failed(failure(revision, missed.get(), spec)), Optional.empty());
    }
    // One that has failed must show that it can; that it sleeps is not enough.
    if (settled && (revision.failure().isPresent() ? news : revision.readyAt().isEmpty())) {
      after = after.ready(now);
    }
    return new Judgement(after, after.failure().isPresent() ? Optional.empty() : until);
  }

  private static PastRevision.Failure failure(PastRevision revision, String missed, AppSpec spec) {
    return new PastRevision.Failure(
        Reason.ProgressDeadlineExceeded,
        "revision %s was not ready within %s: %s"
            .formatted(revision.name(), words(spec.rollout().progressDeadline()), missed),
        spec.attempt());
  }

  /** As it is written in a spec: {@code 1h30m}. */
  private static String words(Duration duration) {
    return duration.toString().substring(2).toLowerCase(Locale.ROOT);
  }

  private static Optional<Instant> earlier(Optional<Instant> one, Optional<Instant> other) {
    return one.isEmpty() || (other.isPresent() && other.get().isBefore(one.get())) ? other : one;
  }
}
