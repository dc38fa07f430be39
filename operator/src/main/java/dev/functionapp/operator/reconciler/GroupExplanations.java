package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.plan.AppPlan;
import dev.functionapp.operator.plan.Group;
import dev.functionapp.operator.scaling.GroupScaler;
import dev.functionapp.operator.scaling.Recommendation.Reason;
import dev.functionapp.v1alpha1.FunctionAppStatus;
import dev.functionapp.v1alpha1.functionappstatus.Groups;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Says in the status why a group that KEDA scales has as many replicas as it has. Pods are asked
 * only when the number of replicas has changed: a group at rest costs nothing, and its status is
 * not written again.
 */
final class GroupExplanations {

  /** Those that may hold no longer although there are as many replicas as before. */
  private static final Set<String> OF_ANOTHER_SCALE =
      Set.of(Reason.Stopped.name(), Reason.Paused.name(), Reason.Minimum.name());

  /** Those that were given while no replica could say more. */
  private static final Set<String> UNTIL_ONE_REPORTS =
      Set.of(Reason.Waking.name(), Reason.Unknown.name());

  private final GroupScaler scaler;

  GroupExplanations(GroupScaler scaler) {
    this.scaler = scaler;
  }

  /**
   * Adds what is missing.
   *
   * @param status as it will be written
   * @param before as it was
   */
  void add(
      FunctionAppStatus status,
      FunctionAppStatus before,
      Optional<AppPlan> plan,
      LiveObjects live) {
    var planned =
        plan.stream()
            .flatMap(applied -> applied.groups().stream())
            .collect(Collectors.toMap(Group::name, Function.identity()));
    var known =
        groups(before).stream().collect(Collectors.toMap(Groups::getName, Function.identity()));
    for (var group : groups(status)) {
      var found = Optional.ofNullable(planned.get(group.getName())).map(Group::scale);
      if (group.getReason() == null
          && found.orElse(null) instanceof Group.Scaled scaled
          && !scaled.paused()) {
        live.find(Deployment.class, group.getDeployment())
            .ifPresent(deployment -> explain(group, known, scaled, deployment));
      }
    }
  }

  private void explain(
      Groups group, Map<String, Groups> known, Group.Scaled scaled, Deployment deployment) {
    var before = known.get(group.getName());
    if (before != null && holds(before, group, deployment)) {
      group.setReason(before.getReason());
      group.setMessage(before.getMessage());
      return;
    }
    var explanation = scaler.explain(scaled, deployment);
    group.setReason(explanation.reason().name());
    group.setMessage(explanation.message());
  }

  private static boolean holds(Groups before, Groups now, Deployment deployment) {
    var asked = Optional.ofNullable(deployment.getSpec().getReplicas()).orElse(1);
    boolean oneCanSay = now.getReadyReplicas() != null && now.getReadyReplicas() > 0;
    return before.getReason() != null
        && !OF_ANOTHER_SCALE.contains(before.getReason())
        && !(oneCanSay && UNTIL_ONE_REPORTS.contains(before.getReason()))
        && before.getReplicas() != null
        && before.getReplicas() == asked.longValue();
  }

  private static List<Groups> groups(FunctionAppStatus status) {
    return Optional.ofNullable(status.getGroups()).orElse(List.of());
  }
}
