package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.QueueUse;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Which apps take messages from which queues, as their last passes have found. Kept in memory
 * alone: after a start, every app has a pass.
 */
final class QueueUsers {

  private static final int NAMED = 3;

  private final Map<AppId, Set<QueueUse>> known = new ConcurrentHashMap<>();

  /**
   * Notes the queues that an app takes messages from.
   *
   * @param exists whether an app of the same namespace is still there
   * @return which other apps take from the same ones, for people; each message reaches one of them
   *     alone
   */
  Optional<String> note(AppId app, Set<QueueUse> uses, Predicate<AppId> exists) {
    if (uses.isEmpty()) {
      known.remove(app);
      return Optional.empty();
    }
    known.put(app, Set.copyOf(uses));
    var others =
        known.keySet().stream()
            .filter(other ->
                other.namespace().equals(app.namespace()) && !other.name().equals(app.name()))
            .sorted(Comparator.comparing(AppId::name))
            .toList();
    known.keySet().removeIf(other -> others.contains(other) && !exists.test(other));
    var shared =
        others.stream()
            .flatMap(other -> shared(uses, other).stream())
            .limit(NAMED)
            .collect(Collectors.joining(", "));
    return Optional.of(shared)
        .filter(text -> !text.isEmpty())
        .map(text ->
            "%s: each message goes to one of the apps alone; name another queue, or delete one, unless that is wanted"
                .formatted(text));
  }

  private List<String> shared(Set<QueueUse> uses, AppId other) {
    return known.getOrDefault(other, Set.of()).stream()
        .sorted(Comparator.comparing(QueueUse::queue).thenComparing(QueueUse::function))
        .flatMap(theirs ->
            uses.stream()
                .filter(own ->
                    own.queue().equals(theirs.queue()) && own.account().equals(theirs.account()))
                .map(own ->
                    "%s takes from the queue \"%s\", and so does %s of the FunctionApp \"%s\""
                        .formatted(own.function(), own.queue(), theirs.function(), other.name())))
        .sorted()
        .toList();
  }
}
