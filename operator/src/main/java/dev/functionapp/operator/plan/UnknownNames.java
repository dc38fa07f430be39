package dev.functionapp.operator.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a spec says of functions and groups that the app does not have. */
final class UnknownNames {

  private UnknownNames() {}

  /** Path, value, rule and mend of each. */
  static List<String> in(Arrangement arrangement, List<PlannedFunction> functions) {
    var names = new TreeSet<String>();
    var groups = new TreeSet<String>();
    for (var placed : functions) {
      var name = placed.function().name();
      names.add(name);
      placed.group().ifPresent(groups::add);
      // A group may have no function that runs now, and has one again soon.
      placed.function().trigger().ifPresent(trigger -> groups.add(Grouping.usual(name, trigger)));
      groups.add(Group.queue(name));
    }
    var found = new ArrayList<String>();
    var specs = arrangement.groups();
    for (int i = 0; i < specs.size(); i++) {
      var path = "spec.groups[%d]".formatted(i);
      for (var function : specs.get(i).functions()) {
        if (!names.contains(function)) {
          found.add(unknown(path + ".functions", "function", function, names));
        }
      }
      if (specs.get(i).functions().isEmpty() && !groups.contains(specs.get(i).name())) {
        found.add(unknown(path + ".name", "group", specs.get(i).name(), usual(functions)));
      }
    }
    arrangement.disabled().keySet().stream()
        .filter(function -> !names.contains(function))
        .map(function -> unknown("spec.functions", "function", function, names))
        .forEach(found::add);
    return found;
  }

  private static Set<String> usual(List<PlannedFunction> functions) {
    return functions.stream()
        .flatMap(placed ->
            placed
                .function()
                .trigger()
                .map(trigger -> Grouping.usual(placed.function().name(), trigger))
                .stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String unknown(String path, String kind, String name, Set<String> known) {
    return "%s: the app has no %s \"%s\"; name one of %s, or remove it"
        .formatted(path, kind, name, String.join(", ", known));
  }
}
