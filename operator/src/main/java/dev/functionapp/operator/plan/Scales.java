package dev.functionapp.operator.plan;

import dev.functionapp.operator.plan.Trigger.BlobTrigger;
import dev.functionapp.operator.plan.Trigger.HttpTrigger;
import dev.functionapp.operator.plan.Trigger.QueueTrigger;
import dev.functionapp.operator.plan.Trigger.TimerTrigger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/** Decides how a group scales, by what triggers its functions. */
final class Scales {

  private Scales() {}

  /**
   * How a group scales.
   *
   * @param functions the group's functions, each with what triggers it
   * @param stopped whether it is to have no replicas
   * @param kedaInstalled whether there is something that scales groups
   */
  static Group.Scale of(
      SortedMap<String, Trigger> functions,
      Scaling scaling,
      boolean stopped,
      boolean kedaInstalled) {
    if (stopped) {
      return new Group.Stopped();
    }
    int least = minReplicas(functions, scaling);
    if (!kedaInstalled) {
      return new Group.Unscaled(
          Math.max(1, least),
          Reason.KedaNotInstalled,
          "KEDA is not installed, so groups run with a fixed number of replicas;"
              + " install it (https://keda.sh/docs/latest/deploy/), nothing else is needed");
    }
    var queues = queues(functions, scaling);
    for (var queue : queues) {
      var unreadable = queue.connection().unreadable();
      if (unreadable.isPresent()) {
        return new Group.Unscaled(
            Math.max(1, least),
            Reason.ConnectionNotSupported,
            "KEDA cannot read the queue \"%s\": %s".formatted(queue.queue(), unreadable.get()));
      }
    }
    var demand = demand(functions, scaling);
    if (queues.isEmpty() && demand.isEmpty()) {
      return new Group.Fixed(least);
    }
    return new Group.Scaled(
        least,
        onlyTimers(functions) ? 1 : scaling.maxReplicas(),
        scaling.pollingInterval(),
        scaling.cooldownPeriod(),
        scaling.paused(),
        queues,
        demand);
  }

  /** The largest that a trigger asks for. */
  private static int minReplicas(SortedMap<String, Trigger> functions, Scaling scaling) {
    int least =
        functions.values().stream()
            .mapToInt(trigger ->
                switch (trigger) {
                  case QueueTrigger queue -> scaling.minReplicas();
                  case TimerTrigger timer -> scaling.minReplicas();
                  case HttpTrigger http -> scaling.http().minReplicas();
                  // Nothing but a scan finds a new blob.
                  case BlobTrigger blob ->
                      scaling.blob().scanInterval().isPresent()
                          ? scaling.minReplicas()
                          : Math.max(1, scaling.minReplicas());
                })
            .max()
            .orElse(0);
    return Math.min(least, onlyTimers(functions) ? 1 : scaling.maxReplicas());
  }

  /** A schedule fires once, however many replicas there are. */
  private static boolean onlyTimers(SortedMap<String, Trigger> functions) {
    return functions.values().stream().allMatch(TimerTrigger.class::isInstance);
  }

  private static List<Group.QueueLength> queues(
      SortedMap<String, Trigger> functions, Scaling scaling) {
    var queues = new ArrayList<Group.QueueLength>();
    var internal = new ArrayList<Trigger.InternalQueue>();
    var length = scaling.queue().length();
    functions.forEach((function, trigger) -> {
      if (trigger instanceof QueueTrigger queue) {
        queues.add(
            new Group.QueueLength(
                function, queue.queue(), length.orElse(queue.concurrency()), queue.connection()));
      }
      if (trigger instanceof BlobTrigger blob
          && blob.internalQueue().filter(queue -> !internal.contains(queue)).isPresent()) {
        var queue = blob.internalQueue().get();
        internal.add(queue);
        queues.add(
            new Group.QueueLength(
                function,
                queue.queueName(),
                length.orElse(queue.maxDegreeOfParallelism()),
                queue.connection()));
      }
    });
    return List.copyOf(queues);
  }

  private static Optional<Group.Demand> demand(
      SortedMap<String, Trigger> functions, Scaling scaling) {
    var messageAge = scaling.queue().messageAge().filter(age -> has(functions, QueueTrigger.class));
    var concurrency =
        has(functions, HttpTrigger.class)
            ? OptionalInt.of(scaling.http().concurrency())
            : OptionalInt.empty();
    var lead =
        has(functions, TimerTrigger.class)
            ? Optional.of(scaling.timer().lead())
            : Optional.<Duration>empty();
    var scan = scaling.blob().scanInterval().filter(every -> has(functions, BlobTrigger.class));
    if (messageAge.isEmpty() && concurrency.isEmpty() && lead.isEmpty() && scan.isEmpty()) {
      return Optional.empty();
    }
    var types = new TreeMap<String, String>();
    functions.forEach((function, trigger) -> types.put(function, trigger.type()));
    return Optional.of(
        new Group.Demand(
            messageAge, concurrency, lead, scan, Collections.unmodifiableSortedMap(types)));
  }

  private static boolean has(SortedMap<String, Trigger> functions, Class<? extends Trigger> kind) {
    return functions.values().stream().anyMatch(kind::isInstance);
  }
}
