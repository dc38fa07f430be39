package dev.functionapp.operator.status;

import dev.functionapp.operator.plan.AppPlan;
import dev.functionapp.operator.plan.Group;
import dev.functionapp.operator.plan.Reason;
import dev.functionapp.operator.resources.Deployments;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import sh.keda.v1alpha1.ScaledObject;
import sh.keda.v1alpha1.scaledobjectstatus.Conditions;

/** Whether an app's groups scale. */
public final class ScalingState {

  private ScalingState() {}

  /**
   * Reads how the groups of a plan are scaled.
   *
   * @param scaledObjects those that are there, by name
   */
  public static Finding of(AppPlan plan, Map<String, ScaledObject> scaledObjects) {
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
          var finding = ready(group.name(), scale, Optional.ofNullable(scaledObjects.get(name)));
          if (!finding.isOk()) {
            return finding;
          }
          scaled++;
        }
      }
    }
    return scaled == 0
        ? Finding.ok(Reason.NothingToScale, "no group of this app is scaled")
        : Finding.ok(Reason.Scaling, "KEDA scales every queue group");
  }

  /**
   * A queue that KEDA cannot read keeps nothing from being Ready: it is how KEDA sees a queue that
   * nobody has sent to yet, and it looks again by itself.
   */
  private static Finding ready(
      String group, Group.Scaled scale, Optional<ScaledObject> scaledObject) {
    var ready =
        scaledObject
            .map(ScaledObject::getStatus)
            .map(status -> status.getConditions())
            .flatMap(conditions ->
                conditions.stream()
                    .filter(condition -> condition.getType().equals("Ready"))
                    .findFirst());
    if (ready.isEmpty() || ready.get().getStatus().equals("Unknown")) {
      return Finding.goesOn(
          Reason.KedaPending, "group " + group + ": KEDA has not taken it up yet");
    }
    return ready.get().getStatus().equals("True")
        ? Finding.ok(Reason.Scaling, "group " + group + " is scaled by KEDA")
        : Finding.noted(
            Reason.ScaledObjectNotReady,
            "group %s: KEDA cannot read %s (%s); send a first message where a queue does not exist yet, else check the connection in the setting %s"
                .formatted(
                    group,
                    texts(scale, queue -> "the queue \"" + queue.queue() + '"'),
                    words(ready.get()),
                    texts(scale, queue -> queue.connection().setting())));
  }

  private static String texts(Group.Scaled scale, Function<Group.QueueLength, String> text) {
    return scale.queues().stream().map(text).distinct().collect(Collectors.joining(", "));
  }

  private static String words(Conditions condition) {
    return condition.getReason() + ": " + condition.getMessage();
  }
}
