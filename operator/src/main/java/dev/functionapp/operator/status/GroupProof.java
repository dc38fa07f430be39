package dev.functionapp.operator.status;

import dev.functionapp.operator.plan.PastRevision;
import dev.functionapp.operator.resources.Labels;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What a scale group says of the revision that its Deployment asks for. */
public sealed interface GroupProof {

  /** Pods of it are or have been ready. */
  record Proven() implements GroupProof {}

  /** Nothing has woken it yet: that it was verified has to be enough. */
  record Asleep() implements GroupProof {}

  /**
   * Not known yet.
   *
   * @param until when the deadline of its pods ends, where they are there
   */
  record Pending(Optional<Instant> until) implements GroupProof {}

  /** No pod of it was ready in time; {@code message} says what the pods say. */
  record Missed(String message) implements GroupProof {}

  /**
   * Reads what a group says. The Deployment's own clock does not run for a group that is woken, so
   * the age of pods counts, too; those that were evicted count as long as they are there.
   *
   * @param pods the group's pods
   */
  static GroupProof of(
      WorkloadState workload,
      Deployment deployment,
      Collection<Pod> pods,
      PastRevision revision,
      Duration deadline,
      Instant now) {
    var status = Optional.ofNullable(deployment.getStatus()).orElseGet(DeploymentStatus::new);
    boolean seen =
        status.getObservedGeneration() != null
            && status.getObservedGeneration() >= deployment.getMetadata().getGeneration();
    boolean available = Objects.requireNonNullElse(status.getAvailableReplicas(), 0) > 0;
    if (revision.provenGroups().contains(workload.group())
        || (seen && available && workload.rollout().isOk())) {
      return new Proven();
    }
    if (Integer.valueOf(0).equals(deployment.getSpec().getReplicas())) {
      return new Asleep();
    }
    var own =
        pods.stream()
            .filter(
                pod -> revision.name().equals(pod.getMetadata().getLabels().get(Labels.REVISION)))
            .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
            .toList();
    if (seen && isTimedOut(status, revision.appliedAt())) {
      return missed(workload, own);
    }
    var until =
        own.stream()
            .map(pod -> Instant.parse(pod.getMetadata().getCreationTimestamp()))
            .min(Instant::compareTo)
            .map(oldest -> oldest.isBefore(revision.appliedAt()) ? revision.appliedAt() : oldest)
            .map(start -> start.plus(deadline));
    boolean isReady = own.stream().anyMatch(GroupProof::isReady);
    if (!isReady && until.filter(end -> !end.isAfter(now)).isPresent()) {
      return missed(workload, own);
    }
    return new Pending(isReady ? Optional.empty() : until);
  }

  private static GroupProof missed(WorkloadState workload, List<Pod> pods) {
    return new Missed(
        "group %s: %s"
            .formatted(
                workload.group(),
                PodTrouble.of(pods)
                    .orElseGet(() ->
                        workload.rollout().isOk()
                            ? "no replica became ready"
                            : workload.rollout().message())));
  }

  /** What a Deployment says of a rollout before this one does not count. */
  private static boolean isTimedOut(DeploymentStatus status, Instant appliedAt) {
    return status.getConditions().stream()
        .filter(condition -> "ProgressDeadlineExceeded".equals(condition.getReason()))
        .anyMatch(condition ->
            condition.getLastUpdateTime() != null
                && !Instant.parse(condition.getLastUpdateTime()).isBefore(appliedAt));
  }

  private static boolean isReady(Pod pod) {
    return pod.getStatus() != null
        && pod.getStatus().getConditions().stream()
            .anyMatch(condition ->
                condition.getType().equals("Ready") && condition.getStatus().equals("True"));
  }
}
