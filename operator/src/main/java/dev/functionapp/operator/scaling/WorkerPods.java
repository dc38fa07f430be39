package dev.functionapp.operator.scaling;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which pods the operator may ask. Whoever may create pods in a namespace chooses their labels and
 * owners, and none of that must lead the operator's requests to another tenant, or to a node.
 */
final class WorkerPods {

  private static final Pattern ADDRESS = Pattern.compile("[0-9a-fA-F.:]{3,45}");

  private WorkerPods() {}

  /** The pods of a group that can be asked. */
  static List<Pod> askable(Deployment deployment, GroupObjects objects) {
    return objects.pods(deployment).stream()
        .filter(pod -> isAskable(pod, deployment, replicaSet(pod, objects)))
        .toList();
  }

  /**
   * Whether the pod is one that the Deployment made, is ready, and has an address of its own.
   *
   * @param replicaSet that the pod says controls it
   */
  static boolean isAskable(Pod pod, Deployment deployment, Optional<ReplicaSet> replicaSet) {
    return sameNamespace(pod, deployment)
        && hasLabelsOf(deployment, pod)
        && replicaSet
            .filter(set -> sameNamespace(set, deployment))
            .filter(set -> isControlledBy(pod, "ReplicaSet", set))
            .filter(set -> isControlledBy(set, "Deployment", deployment))
            .isPresent()
        && pod.getMetadata().getDeletionTimestamp() == null
        && isReady(pod)
        && !Boolean.TRUE.equals(pod.getSpec().getHostNetwork())
        && hasAddress(pod);
  }

  private static Optional<ReplicaSet> replicaSet(Pod pod, GroupObjects objects) {
    return controller(pod)
        .flatMap(owner -> objects.replicaSet(pod.getMetadata().getNamespace(), owner.getName()));
  }

  private static Optional<OwnerReference> controller(HasMetadata object) {
    return object.getMetadata().getOwnerReferences().stream()
        .filter(owner -> Boolean.TRUE.equals(owner.getController()))
        .findFirst();
  }

  private static boolean isControlledBy(HasMetadata object, String kind, HasMetadata owner) {
    return controller(object)
        .filter(reference -> reference.getKind().equals(kind))
        .filter(reference -> reference.getUid().equals(owner.getMetadata().getUid()))
        .isPresent();
  }

  private static boolean sameNamespace(HasMetadata object, HasMetadata other) {
    return object.getMetadata().getNamespace().equals(other.getMetadata().getNamespace());
  }

  private static boolean hasLabelsOf(Deployment deployment, Pod pod) {
    var selector = deployment.getSpec().getSelector().getMatchLabels();
    var labels = Optional.ofNullable(pod.getMetadata().getLabels()).orElse(Map.of());
    return !selector.isEmpty() && labels.entrySet().containsAll(selector.entrySet());
  }

  private static boolean isReady(Pod pod) {
    return pod.getStatus() != null
        && pod.getStatus().getConditions().stream()
            .anyMatch(condition ->
                condition.getType().equals("Ready") && condition.getStatus().equals("True"));
  }

  private static boolean hasAddress(Pod pod) {
    var address = pod.getStatus().getPodIP();
    return address != null && ADDRESS.matcher(address).matches();
  }
}
