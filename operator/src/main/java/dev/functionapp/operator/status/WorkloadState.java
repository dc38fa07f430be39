package dev.functionapp.operator.status;

import dev.functionapp.operator.plan.Reason;
import dev.functionapp.operator.resources.Labels;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a scale group's Deployment stands.
 *
 * @param group the group's name
 * @param revision the revision that its Deployment asks for
 * @param availability whether it serves, or sleeps until there is something to do
 * @param rollout whether its pods are all of the revision that it asks for
 */
public record WorkloadState(
    String group,
    String deployment,
    String revision,
    int replicas,
    int readyReplicas,
    Finding availability,
    Finding rollout) {

  /**
   * Reads how a Deployment stands.
   *
   * @param pods the group's pods
   * @param scaledFrom where something else scales it, the replicas it has at the least: more that
   *     are on their way are no rollout, and where it is 0, one that wakes is as good as one that
   *     runs
   */
  public static WorkloadState of(
      String group, Deployment deployment, Collection<Pod> pods, OptionalInt scaledFrom) {
    var status = Optional.ofNullable(deployment.getStatus()).orElseGet(DeploymentStatus::new);
    int wanted = number(deployment.getSpec().getReplicas(), 1);
    int available = number(status.getAvailableReplicas(), 0);
    var trouble = trouble(status, pods);
    boolean sleeps = scaledFrom.isPresent() && scaledFrom.getAsInt() == 0;
    boolean onlyScaled = scaledFrom.isPresent() && runThisRevision(deployment, pods);
    int needed = Math.min(scaledFrom.orElse(wanted), wanted);
    var rollout = rollout(group, deployment, status, needed, onlyScaled);
    return new WorkloadState(
        group,
        deployment.getMetadata().getName(),
        revision(deployment),
        number(status.getReplicas(), 0),
        number(status.getReadyReplicas(), 0),
        availability(group, wanted, available, sleeps && rollout.isOk(), trouble),
        trouble.isPresent() && !rollout.isOk()
            ? new Finding(
                rollout.verdict(),
                rollout.reason(),
                rollout.message() + "; " + trouble.get().message())
            : rollout);
  }

  private static Finding availability(
      String group, int wanted, int available, boolean waking, Optional<Finding> trouble) {
    if (wanted == 0) {
      return Finding.ok(
          Reason.Serving, "group " + group + " sleeps until there is something to do");
    }
    if (available > 0) {
      return Finding.ok(Reason.Serving, "group " + group + " has a replica that is ready");
    }
    return trouble.orElseGet(() ->
        waking
            ? Finding.ok(Reason.Serving, "group " + group + " is waking up")
            : Finding.goesOn(
                Reason.NoReplicaAvailable, "group " + group + " has no replica that is ready"));
  }

  private static Finding rollout(
      String group,
      Deployment deployment,
      DeploymentStatus status,
      int needed,
      boolean onlyScaled) {
    if (condition(status, "Progressing")
        .filter(progressing -> "ProgressDeadlineExceeded".equals(progressing.getReason()))
        .isPresent()) {
      return Finding.stuck(
          Reason.ProgressDeadlineExceeded,
          "group " + group + ": the new replicas did not become ready in time");
    }
    int replicas = number(status.getReplicas(), 0);
    boolean seen =
        status.getObservedGeneration() != null
            && status.getObservedGeneration() >= deployment.getMetadata().getGeneration();
    if (!seen) {
      return onlyScaled
          ? Finding.ok(Reason.Ready, "group " + group + " is being scaled")
          : Finding.goesOn(
              Reason.RollingOut, "group " + group + ": the Deployment has just changed");
    }
    boolean replaced = number(status.getUpdatedReplicas(), 0) >= replicas;
    boolean there = number(status.getAvailableReplicas(), 0) >= needed;
    return replaced && there
        ? Finding.ok(Reason.Ready, "group " + group + " runs this revision")
        : Finding.goesOn(
            Reason.RollingOut,
            "group %s: %d of %d replicas run this revision"
                .formatted(group, number(status.getUpdatedReplicas(), 0), replicas));
  }

  private static boolean runThisRevision(Deployment deployment, Collection<Pod> pods) {
    var revision = revision(deployment);
    return pods.stream()
        .allMatch(pod -> revision.equals(pod.getMetadata().getLabels().get(Labels.REVISION)));
  }

  private static String revision(Deployment deployment) {
    return deployment.getSpec().getTemplate().getMetadata().getLabels().get(Labels.REVISION);
  }

  private static Optional<Finding> trouble(DeploymentStatus status, Collection<Pod> pods) {
    return condition(status, "ReplicaFailure")
        .filter(failure -> "True".equals(failure.getStatus()))
        .map(failure -> Finding.goesOn(Reason.ReplicasNotCreated, failure.getMessage()))
        .or(() ->
            PodTrouble.of(pods).map(trouble -> Finding.goesOn(Reason.NoReplicaAvailable, trouble)));
  }

  private static Optional<DeploymentCondition> condition(DeploymentStatus status, String type) {
    return status.getConditions().stream()
        .filter(condition -> condition.getType().equals(type))
        .findFirst();
  }

  private static int number(Integer value, int otherwise) {
    return value == null ? otherwise : value;
  }
}
