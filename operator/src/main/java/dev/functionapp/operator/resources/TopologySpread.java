package dev.functionapp.operator.resources;

import dev.functionapp.operator.plan.AppId;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraintBuilder;

/** Keeps a group's pods apart where that is possible. */
final class TopologySpread {

  private TopologySpread() {}

  /**
   * Evenly over what a label of nodes tells apart.
   *
   * @param groupObject the object name of the group
   */
  static TopologySpreadConstraint of(AppId app, String groupObject, String topologyKey) {
    return new TopologySpreadConstraintBuilder()
        .withMaxSkew(1)
        .withTopologyKey(topologyKey)
        .withWhenUnsatisfiable("ScheduleAnyway")
        .withNewLabelSelector()
        .withMatchLabels(Labels.selector(app.name(), groupObject))
        .endLabelSelector()
        // Pods that a rollout is about to end would push those that follow them to one side.
        .withMatchLabelKeys("pod-template-hash")
        .build();
  }
}
