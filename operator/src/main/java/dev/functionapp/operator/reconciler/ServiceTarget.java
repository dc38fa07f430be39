package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.resources.Deployments;
import dev.functionapp.operator.resources.Labels;
import dev.functionapp.operator.status.WorkloadState;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import java.util.OptionalInt;

/**
 * Which group the app's Service leads to. Where the HTTP functions have moved to another group, the
 * one before serves on until that is ready.
 *
 * @param deployment the object name of the group that serves
 * @param kept the objects of the group before, while it serves on
 */
record ServiceTarget(String deployment, List<HasMetadata> kept) {

  /**
   * @param group the name of the group that is to serve; its Deployment has been applied
   */
  static ServiceTarget of(AppId app, String group, LiveObjects live) {
    var wanted = Deployments.name(app.name(), group);
    var moved = new ServiceTarget(wanted, List.of());
    if (serves(wanted, live)) {
      return moved;
    }
    return live.find(Service.class, app.name())
        .map(service -> service.getSpec().getSelector().get(Labels.GROUP))
        .filter(before -> !before.equals(wanted) && serves(before, live))
        .map(before -> new ServiceTarget(before, live.named(before)))
        .orElse(moved);
  }

  private static boolean serves(String name, LiveObjects live) {
    return live.find(Deployment.class, name)
        .filter(deployment -> deployment.getStatus() != null)
        .map(deployment ->
            WorkloadState.of(name, deployment, live.podsOfGroup(name), OptionalInt.empty()))
        .filter(state -> state.rollout().isOk() && state.readyReplicas() > 0)
        .isPresent();
  }
}
