package dev.functionapp.operator.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Decides what runs for a verified revision: which functions, in which scale groups, scaled how.
 */
public final class Planner {

  /**
   * A pod that takes longer to stop would hold up a node's drain; upstream hosts wait no longer
   * either.
   */
  private static final int MAX_WORK_SECONDS = 300;

  /**
   * What a worker takes beside its functions: it serves on until every proxy knows that it goes.
   */
  private static final int DRAIN_SECONDS = 15;

  private final Platform platform;

  public Planner(Platform platform) {
    this.platform = platform;
  }

  /**
   * The plan for a revision.
   *
   * @param kedaInstalled whether there is something that scales groups
   */
  public Plan plan(AppSpec spec, Revision revision, Index index, boolean kedaInstalled) {
    var found =
        index.functions().stream().sorted(Comparator.comparing(Index.Function::name)).toList();
    var unplaced =
        found.stream().map(function -> place(spec, index, function, Optional.empty())).toList();
    if (revision.hasPackage() && index.packageDigest().isEmpty()) {
      return new Plan.Rejected(
          Reason.PrepareFailed,
          "the verification names no package: the worker image %s is of another version than the operator, use one of its own"
              .formatted(revision.image()),
          unplaced);
    }
    if (found.isEmpty()) {
      return new Plan.Rejected(
          Reason.NoFunctionFound,
          "the app has no function: add a folder with a function.json, or a function_app.py",
          unplaced);
    }
    if (found.stream().allMatch(function -> function.error().isPresent())) {
      return new Plan.Rejected(Reason.NoFunctionLoads, brokenFunctions(unplaced), unplaced);
    }
    return switch (Grouping.of(spec.arrangement().groups(), running(spec, found))) {
      case Grouping.Invalid(var message) ->
          new Plan.Rejected(Reason.GroupsInvalid, message, unplaced);
      case Grouping.Grouped(var groups) ->
          new Plan.Planned(planned(spec, revision, index, found, groups, kedaInstalled));
    };
  }

  /** What triggers the functions that load and that nobody has disabled. */
  private static SortedMap<String, Trigger> running(AppSpec spec, List<Index.Function> functions) {
    var running = new TreeMap<String, Trigger>();
    for (var function : functions) {
      if (!function.disabled() && !spec.arrangement().disables(function.name())) {
        function.trigger().ifPresent(trigger -> running.put(function.name(), trigger));
      }
    }
    return running;
  }

  private AppPlan planned(
      AppSpec spec,
      Revision revision,
      Index index,
      List<Index.Function> found,
      List<Grouping.Members> groups,
      boolean kedaInstalled) {
    var groupOf = new HashMap<String, String>();
    groups.forEach(
        group -> group.functions().keySet().forEach(name -> groupOf.put(name, group.name())));
    var functions =
        found.stream()
            .map(function ->
                place(spec, index, function, Optional.ofNullable(groupOf.get(function.name()))))
            .toList();
    return new AppPlan(
        spec,
        revision,
        groups.stream().map(group -> group(spec, group, kedaInstalled)).toList(),
        functions,
        functions.stream()
            .filter(function -> function.url().isPresent())
            .map(function -> baseUrl(spec))
            .findFirst(),
        gracePeriod(index));
  }

  private static Group group(AppSpec spec, Grouping.Members members, boolean kedaInstalled) {
    var asked = spec.arrangement().group(members.name());
    return new Group(
        members.name(),
        List.copyOf(members.functions().keySet()),
        asked.map(group -> spec.resources().with(group.resources())).orElse(spec.resources()),
        Scales.of(
            members.functions(),
            asked.map(GroupSpec::scaling).orElse(spec.scaling()),
            spec.arrangement().stopped(),
            kedaInstalled));
  }

  /** For people: the functions that do not load, each with its reason. */
  public static String brokenFunctions(List<PlannedFunction> functions) {
    var broken = new ArrayList<String>();
    for (var placed : functions) {
      placed
          .function()
          .error()
          .ifPresent(error -> broken.add(placed.function().name() + ": " + error.message()));
    }
    return String.join("; ", broken);
  }

  private PlannedFunction place(
      AppSpec spec, Index index, Index.Function function, Optional<String> group) {
    var url =
        function
            .trigger()
            .filter(trigger -> group.isPresent())
            .flatMap(trigger ->
                trigger instanceof Trigger.HttpTrigger http
                    ? Optional.of(url(baseUrl(spec), index.routePrefix(), http.route()))
                    : Optional.empty());
    return new PlannedFunction(function, spec.arrangement().disables(function.name()), group, url);
  }

  private String baseUrl(AppSpec spec) {
    return spec.http()
        .exposure()
        .flatMap(Exposure::url)
        .orElseGet(() ->
            "http://%s.%s.svc.%s"
                .formatted(spec.id().name(), spec.id().namespace(), platform.clusterDomain()));
  }

  private static String url(String base, String prefix, String route) {
    var url = new StringBuilder(base);
    if (!prefix.isEmpty()) {
      url.append('/').append(prefix);
    }
    return url.append('/').append(route).toString();
  }

  private static int gracePeriod(Index index) {
    return DRAIN_SECONDS
        + (int) Math.min(MAX_WORK_SECONDS, index.functionTimeoutSeconds().orElse(MAX_WORK_SECONDS));
  }
}
