package dev.functionapp.operator.status;

import dev.functionapp.operator.plan.AppPlan;
import dev.functionapp.operator.plan.Group;
import dev.functionapp.operator.plan.Reason;
import dev.functionapp.operator.resources.Deployments;
import dev.functionapp.operator.resources.ScaledObjects;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import sh.keda.v1alpha1.ScaledObject;
import sh.keda.v1alpha1.ScaledObjectStatus;
import sh.keda.v1alpha1.scaledobjectstatus.Conditions;

/** Whether an app's groups scale. */
public final class ScalingState {

  private static final String READY = "Ready";
  private static final String PAUSED = "Paused";
  private static final String FALLBACK = "Fallback";

  /** The conditions of a ScaledObject that are read. */
  private static final Set<String> CONDITIONS = Set.of(READY, PAUSED, FALLBACK);

  /** Ready is Unknown with it, as before KEDA has looked at all. */
  private static final String SOME_TRIGGERS_FAIL = "PartialTriggerError";

  private ScalingState() {}

  /** Everything of a ScaledObject's status that an app's status tells. */
  public static String said(ScaledObject object) {
    if (object.getStatus() == null || object.getStatus().getConditions() == null) {
      return "";
    }
    return object.getStatus().getConditions().stream()
        .filter(condition -> CONDITIONS.contains(condition.getType()))
        .map(condition ->
            condition.getType()
                + condition.getStatus()
                + condition.getReason()
                + condition.getMessage())
        .collect(Collectors.joining());
  }

  /**
   * Reads how the groups of a plan are scaled: the first that is not as asked for, else that all
   * are.
   *
   * @param scaledObjects those that are there, by name
   * @param kedaFault why KEDA does not work; empty where it does
   */
  public static Finding of(
      AppPlan plan, Map<String, ScaledObject> scaledObjects, Optional<String> kedaFault) {
    return kedaFault
        .flatMap(fault -> withoutKeda(plan, scaledObjects, fault))
        .orElseGet(() -> of(plan, scaledObjects));
  }

  /**
   * What groups have stays while KEDA does not work, so it keeps nothing from being Ready; but what
   * it has never scaled may never have run. What it says of its objects is of the time before.
   */
  private static Optional<Finding> withoutKeda(
      AppPlan plan, Map<String, ScaledObject> scaledObjects, String fault) {
    var scaled =
        plan.groups().stream()
            .filter(group -> group.scale() instanceof Group.Scaled scale && !scale.paused())
            .map(group -> Deployments.name(plan.spec().id().name(), group))
            .map(name -> Optional.ofNullable(scaledObjects.get(name)).map(ScaledObject::getStatus))
            .toList();
    if (scaled.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        scaled.stream().allMatch(status -> verdict(status).isPresent())
            ? Finding.noted(Reason.KedaUnavailable, fault)
            : Finding.goesOn(Reason.KedaUnavailable, fault));
  }

  private static Finding of(AppPlan plan, Map<String, ScaledObject> scaledObjects) {
    var paused = new ArrayList<String>();
    int scaled = 0;
    for (var group : plan.groups()) {
      switch (group.scale()) {
        case Group.Fixed fixed -> {}
        case Group.Stopped stopped -> {}
        case Group.Unscaled unscaled -> {
          return Finding.noted(unscaled.reason(), unscaled.message());
        }
        case Group.Scaled scale -> {
          var name = Deployments.name(plan.spec().id().name(), group);
          var finding = finding(group.name(), scale, Optional.ofNullable(scaledObjects.get(name)));
          if (!finding.isOk()) {
            return finding;
          }
          scaled++;
          if (scale.paused()) {
            paused.add(group.name());
          }
        }
      }
    }
    if (!paused.isEmpty()) {
      return Finding.ok(
          paused.size() == scaled ? Reason.Paused : Reason.Scaling,
          "scaling is paused, as asked for, of " + String.join(", ", paused));
    }
    return scaled == 0
        ? Finding.ok(Reason.NothingToScale, "no group of this app is scaled")
        : Finding.ok(Reason.Scaling, "KEDA scales every group that has something to scale on");
  }

  private static Finding finding(
      String group, Group.Scaled scale, Optional<ScaledObject> scaledObject) {
    var status = scaledObject.map(ScaledObject::getStatus);
    if (isTrue(status, PAUSED)) {
      return scale.paused()
          ? Finding.ok(Reason.Paused, "group " + group + " is paused")
          : Finding.noted(
              Reason.ScaledObjectNotReady,
              "group %s: its ScaledObject %s is paused by an annotation that is not the app's; remove %s* there, or set scaling.paused"
                  .formatted(group, name(scaledObject), ScaledObjects.PAUSED));
    }
    if (isTrue(status, FALLBACK)) {
      return Finding.noted(
          Reason.ScaledObjectNotReady,
          "group %s: KEDA holds the replicas that spec.fallback of the ScaledObject %s says, which is not the app's, because it cannot read %s"
              .formatted(group, name(scaledObject), sources(scale, status)));
    }
    return ready(group, scale, status);
  }

  /**
   * A queue that KEDA cannot read keeps nothing from being Ready: it is how KEDA sees a queue that
   * nobody has sent to yet, and it looks again by itself.
   */
  private static Finding ready(
      String group, Group.Scaled scale, Optional<ScaledObjectStatus> status) {
    var ready = verdict(status);
    if (ready.isEmpty()) {
      return Finding.goesOn(
          Reason.KedaPending, "group " + group + ": KEDA has not taken it up yet");
    }
    return ready.get().getStatus().equals("True")
        ? Finding.ok(Reason.Scaling, "group " + group + " is scaled by KEDA")
        : Finding.noted(
            Reason.ScaledObjectNotReady,
            "group %s: KEDA cannot read %s (%s)%s"
                .formatted(group, sources(scale, status), words(ready.get()), mend(scale, status)));
  }

  /** What KEDA has found of a ScaledObject; empty before it has taken it up. */
  private static Optional<Conditions> verdict(Optional<ScaledObjectStatus> status) {
    return condition(status, READY).filter(ScalingState::isKnown);
  }

  private static boolean isKnown(Conditions ready) {
    return !ready.getStatus().equals("Unknown") || SOME_TRIGGERS_FAIL.equals(ready.getReason());
  }

  /** What KEDA may have failed to read: it does not say, but what asks for replicas was read. */
  private static String sources(Group.Scaled scale, Optional<ScaledObjectStatus> status) {
    var sources =
        suspects(scale, status).stream()
            .map(queue -> "the queue \"%s\"".formatted(queue.queue()))
            .collect(Collectors.toCollection(ArrayList::new));
    if (scale.demand().isPresent() && !isActive(status, scale.queues().size())) {
      sources.add("the operator's scaling endpoint");
    }
    return sources.isEmpty() ? "one of its triggers" : String.join(" or ", sources);
  }

  private static String mend(Group.Scaled scale, Optional<ScaledObjectStatus> status) {
    var settings =
        suspects(scale, status).stream()
            .map(queue -> queue.connection().setting())
            .distinct()
            .toList();
    return settings.isEmpty()
        ? ""
        : "; send a first message where a queue does not exist yet, else check the connection in"
            + " the setting "
            + String.join(", ", settings);
  }

  private static List<Group.QueueLength> suspects(
      Group.Scaled scale, Optional<ScaledObjectStatus> status) {
    return IntStream.range(0, scale.queues().size())
        .filter(index -> !isActive(status, index))
        .mapToObj(scale.queues()::get)
        .toList();
  }

  private static boolean isActive(Optional<ScaledObjectStatus> status, int trigger) {
    return status
        .map(ScaledObjectStatus::getTriggersActivity)
        .map(activity ->
            activity.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(ScaledObjects.metricPrefix(trigger)))
                .anyMatch(entry -> Boolean.TRUE.equals(entry.getValue().getIsActive())))
        .orElse(false);
  }

  private static boolean isTrue(Optional<ScaledObjectStatus> status, String type) {
    return condition(status, type).filter(found -> found.getStatus().equals("True")).isPresent();
  }

  private static Optional<Conditions> condition(Optional<ScaledObjectStatus> status, String type) {
    return status
        .map(ScaledObjectStatus::getConditions)
        .flatMap(conditions ->
            conditions.stream().filter(condition -> condition.getType().equals(type)).findFirst());
  }

  private static String name(Optional<ScaledObject> scaledObject) {
    return scaledObject.map(object -> object.getMetadata().getName()).orElse("");
  }

  private static String words(Conditions condition) {
    return condition.getReason() + ": " + condition.getMessage();
  }
}
