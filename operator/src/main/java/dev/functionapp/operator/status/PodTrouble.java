package dev.functionapp.operator.status;

import dev.functionapp.operator.resources.Labels;
import dev.functionapp.operator.resources.Secrets;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SecretVolumeSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Why pods do not start, in the kubelet's and the scheduler's own words. */
final class PodTrouble {

  /** Waiting for one of these ends by itself. */
  private static final Set<String> STARTING = Set.of("ContainerCreating", "PodInitializing");

  private PodTrouble() {}

  /** The trouble of the first pod, by name, that has one. */
  static Optional<String> of(Collection<Pod> pods) {
    return pods.stream()
        .sorted(Comparator.comparing(pod -> pod.getMetadata().getName()))
        .flatMap(pod -> of(pod).stream())
        .findFirst();
  }

  private static Optional<String> of(Pod pod) {
    if (pod.getStatus() == null) {
      return Optional.empty();
    }
    return containers(pod)
        .flatMap(status -> waiting(status).stream())
        .findFirst()
        .or(() -> unschedulable(pod))
        .or(() -> withoutVolumes(pod))
        .map(trouble -> "pod " + pod.getMetadata().getName() + ": " + trouble);
  }

  static Stream<ContainerStatus> containers(Pod pod) {
    return Stream.concat(
        pod.getStatus().getInitContainerStatuses().stream(),
        pod.getStatus().getContainerStatuses().stream());
  }

  private static Optional<String> waiting(ContainerStatus status) {
    return Optional.ofNullable(status.getState())
        .map(state -> state.getWaiting())
        .filter(waiting -> waiting.getReason() != null && !STARTING.contains(waiting.getReason()))
        .map(waiting ->
            waiting.getReason()
                + (waiting.getMessage() == null ? "" : ": " + waiting.getMessage())
                + lastEnd(status));
  }

  /** Back-off alone does not say what it is about, for example that memory ran out. */
  private static String lastEnd(ContainerStatus status) {
    return Optional.ofNullable(status.getLastState())
        .map(ContainerState::getTerminated)
        .map(end ->
            " (it ended with %s, exit code %d)".formatted(end.getReason(), end.getExitCode()))
        .orElse("");
  }

  private static Optional<String> unschedulable(Pod pod) {
    return pod.getStatus().getConditions().stream()
        .filter(condition ->
            condition.getType().equals("PodScheduled") && condition.getStatus().equals("False"))
        .map(condition -> condition.getReason() + ": " + condition.getMessage())
        .findFirst();
  }

  /**
   * The kubelet says only in an Event that a Secret to be mounted is missing. In the pod's status
   * it shows in that containers cannot be started yet.
   */
  private static Optional<String> withoutVolumes(Pod pod) {
    boolean waits =
        pod.getStatus().getConditions().stream()
            .anyMatch(condition ->
                condition.getType().equals("PodReadyToStartContainers")
                    && condition.getStatus().equals("False"));
    if (!waits || pod.getSpec() == null) {
      return Optional.empty();
    }
    var app = pod.getMetadata().getLabels().get(Labels.APP);
    var secrets =
        pod.getSpec().getVolumes().stream()
            .flatMap(volume -> Optional.ofNullable(volume.getSecret()).stream())
            .filter(secret -> !Boolean.TRUE.equals(secret.getOptional()))
            .map(SecretVolumeSource::getSecretName)
            .filter(name -> !Secrets.isKept(app, name))
            .map(name -> '"' + name + '"')
            .distinct()
            .toList();
    return secrets.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "waits for its volumes; should this last, create what is missing of the Secrets "
                + String.join(", ", secrets));
  }
}
