package dev.functionapp.operator.plan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Decides which functions share a Deployment. */
final class Grouping {

  /** How the functions are grouped. */
  sealed interface Result {}

  /** The groups, each with at least one function, in the order in which people look for them. */
  record Grouped(List<Members> groups) implements Result {}

  /** What is asked for cannot be; {@code message} says path, value, rule and mend. */
  record Invalid(String message) implements Result {}

  /** A group's functions, each with what triggers it. */
  record Members(String name, SortedMap<String, Trigger> functions) {}

  private static final List<String> FIRST = List.of(Group.HTTP, Group.TIMER, Group.BLOB);

  private Grouping() {}

  /**
   * Arranges functions.
   *
   * @param specs the entries of {@code spec.groups}
   * @param functions those that run
   */
  static Result of(List<GroupSpec> specs, SortedMap<String, Trigger> functions) {
    var asked = new HashMap<String, String>();
    specs.forEach(spec -> spec.functions().forEach(name -> asked.put(name, spec.name())));
    var groups = new TreeMap<String, SortedMap<String, Trigger>>(order());
    functions.forEach((name, trigger) ->
        groups
            .computeIfAbsent(
                asked.getOrDefault(name, usual(name, trigger)), group -> new TreeMap<>())
            .put(name, trigger));
    for (var rule : List.of(Together.HTTP, Together.BLOB)) {
      var scattered = rule.scattered(groups);
      if (!scattered.isEmpty()) {
        return new Invalid(
            "spec.groups: %s are in several groups (%s), and must be in one, because %s: name all of them in one entry, or none"
                .formatted(rule.functions, scattered, rule.reason));
      }
    }
    return new Grouped(
        groups.entrySet().stream()
            .map(entry ->
                new Members(entry.getKey(), Collections.unmodifiableSortedMap(entry.getValue())))
            .toList());
  }

  /** The name of the group that a function is in where the spec does not say. */
  static String usual(String function, Trigger trigger) {
    return switch (trigger) {
      case Trigger.HttpTrigger http -> Group.HTTP;
      case Trigger.TimerTrigger timer -> Group.TIMER;
      case Trigger.BlobTrigger blob -> Group.BLOB;
      case Trigger.QueueTrigger queue -> Group.queue(function);
    };
  }

  private static Comparator<String> order() {
    return Comparator.<String>comparingInt(
            name -> FIRST.contains(name) ? FIRST.indexOf(name) : FIRST.size())
        .thenComparing(Comparator.naturalOrder());
  }

  /** What has to be in one group. */
  private enum Together {
    HTTP("the HTTP functions", Trigger.HttpTrigger.class, "one Service leads to them"),
    BLOB(
        "the blob-triggered functions", Trigger.BlobTrigger.class, "they share one internal queue");

    private final String functions;
    private final Class<? extends Trigger> kind;
    private final String reason;

    Together(String functions, Class<? extends Trigger> kind, String reason) {
      this.functions = functions;
      this.kind = kind;
      this.reason = reason;
    }

    /** Where such functions are, for people; empty text where they are together. */
    private String scattered(Map<String, SortedMap<String, Trigger>> groups) {
      var found = new ArrayList<String>();
      groups.forEach((group, functions) -> {
        var names =
            functions.entrySet().stream()
                .filter(function -> kind.isInstance(function.getValue()))
                .map(Map.Entry::getKey)
                .collect(Collectors.joining(", "));
        if (!names.isEmpty()) {
          found.add(group + ": " + names);
        }
      });
      return found.size() < 2 ? "" : String.join("; ", found);
    }
  }
}
