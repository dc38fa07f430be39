package dev.functionapp.operator.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

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
   * @param kedaInstalled whether there is something that scales queue groups
   */
  public Plan plan(AppSpec spec, Revision revision, Index index, boolean kedaInstalled) {
    var functions =
        index.functions().stream()
            .map(function -> place(spec, index, function))
            .sorted(Comparator.comparing(placed -> placed.function().name()))
            .toList();
    if (revision.hasPackage() && index.packageDigest().isEmpty()) {
      return new Plan.Rejected(
          Reason.PrepareFailed,
          "the verification names no package: the worker image %s is of another version than the operator, use one of its own"
              .formatted(revision.image()),
          functions);
    }
    if (functions.isEmpty()) {
      return new Plan.Rejected(
          Reason.NoFunctionFound,
          "the app has no function: add a folder with a function.json, or a function_app.py",
          functions);
    }
    if (functions.stream().allMatch(placed -> placed.function().error().isPresent())) {
      return new Plan.Rejected(Reason.NoFunctionLoads, brokenFunctions(functions), functions);
    }
    var groups = groups(spec, functions, kedaInstalled);
    var url =
        groups.stream().anyMatch(group -> group.name().equals(Group.HTTP))
            ? Optional.of(baseUrl(spec))
            : Optional.<String>empty();
    return new Plan.Planned(
        new AppPlan(spec, revision, groups, functions, url, gracePeriod(index)));
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

  private PlannedFunction place(AppSpec spec, Index index, Index.Function function) {
    if (function.disabled() || function.error().isPresent()) {
      return new PlannedFunction(function, Optional.empty(), Optional.empty());
    }
    return switch (function.trigger().orElseThrow()) {
      case Trigger.HttpTrigger http ->
          new PlannedFunction(
              function,
              Optional.of(Group.HTTP),
              Optional.of(url(baseUrl(spec), index.routePrefix(), http.route())));
      case Trigger.QueueTrigger queue ->
          new PlannedFunction(function, Optional.of("queue-" + function.name()), Optional.empty());
      case Trigger.TimerTrigger timer ->
          new PlannedFunction(function, Optional.of(Group.TIMER), Optional.empty());
      case Trigger.BlobTrigger blob ->
          new PlannedFunction(function, Optional.of(Group.BLOB), Optional.empty());
    };
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

  private static List<Group> groups(
      AppSpec spec, List<PlannedFunction> functions, boolean kedaInstalled) {
    var groups = new ArrayList<Group>();
    shared(Group.HTTP, spec, functions, spec.scaling().httpReplicas()).ifPresent(groups::add);
    // Nothing wakes these two from zero. A schedule fires once however many replicas there are.
    shared(Group.TIMER, spec, functions, 1).ifPresent(groups::add);
    shared(Group.BLOB, spec, functions, Math.max(1, spec.scaling().minReplicas()))
        .ifPresent(groups::add);
    for (var placed : functions) {
      if (placed.group().isPresent()
          && placed.function().trigger().orElseThrow() instanceof Trigger.QueueTrigger trigger) {
        groups.add(
            new Group(
                placed.group().get(),
                List.of(placed.function().name()),
                spec.resources(),
                queueScale(spec.scaling(), placed.function().name(), trigger, kedaInstalled)));
      }
    }
    return List.copyOf(groups);
  }

  /** The group that all functions of a kind share, with a fixed number of replicas. */
  private static Optional<Group> shared(
      String name, AppSpec spec, List<PlannedFunction> functions, int replicas) {
    var members =
        functions.stream()
            .filter(placed -> placed.group().equals(Optional.of(name)))
            .map(placed -> placed.function().name())
            .toList();
    return members.isEmpty()
        ? Optional.empty()
        : Optional.of(new Group(name, members, spec.resources(), new Group.Fixed(replicas)));
  }

  private static Group.Scale queueScale(
      Scaling scaling, String function, Trigger.QueueTrigger trigger, boolean kedaInstalled) {
    if (!kedaInstalled) {
      return new Group.Unscaled(
          Math.max(1, scaling.minReplicas()),
          Reason.KedaNotInstalled,
          "KEDA is not installed, so queue-triggered functions run with a fixed number of replicas;"
              + " install it (https://keda.sh/docs/latest/deploy/), nothing else is needed");
    }
    var unreadable = trigger.connection().unreadable();
    if (unreadable.isPresent()) {
      return new Group.Unscaled(
          Math.max(1, scaling.minReplicas()),
          Reason.ConnectionNotSupported,
          "KEDA cannot read the queue \"%s\": %s".formatted(trigger.queue(), unreadable.get()));
    }
    return new Group.Scaled(
        scaling.minReplicas(),
        scaling.maxReplicas(),
        scaling.pollingInterval(),
        scaling.cooldownPeriod(),
        false,
        List.of(
            new Group.QueueLength(
                function,
                trigger.queue(),
                scaling.queueLength().orElse(trigger.concurrency()),
                trigger.connection())),
        Optional.empty());
  }

  private static int gracePeriod(Index index) {
    return DRAIN_SECONDS
        + (int) Math.min(MAX_WORK_SECONDS, index.functionTimeoutSeconds().orElse(MAX_WORK_SECONDS));
  }
}
