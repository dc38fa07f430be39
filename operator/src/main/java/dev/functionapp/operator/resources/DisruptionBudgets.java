package dev.functionapp.operator.resources;

import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.Group;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;

/** How many pods of a group may be evicted at a time. */
public final class DisruptionBudgets {

  private DisruptionBudgets() {}

  public static PodDisruptionBudget disruptionBudget(AppId app, Group group) {
    return new PodDisruptionBudgetBuilder()
        .withMetadata(ObjectMetadata.of(app, group.name(), Labels.Component.WORKER).build())
        .withNewSpec()
        .withMaxUnavailable(new IntOrString(1))
        // Pods that do nothing must not hold up a node's drain.
        .withUnhealthyPodEvictionPolicy("AlwaysAllow")
        .withNewSelector()
        .withMatchLabels(Labels.selector(app.name(), Deployments.name(app.name(), group)))
        .endSelector()
        .endSpec()
        .build();
  }
}
