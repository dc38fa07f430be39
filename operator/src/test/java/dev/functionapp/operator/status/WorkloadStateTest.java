package dev.functionapp.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.TestApps;
import dev.functionapp.operator.plan.Reason;
import dev.functionapp.operator.resources.Labels;
import dev.functionapp.operator.resources.Secrets;
import dev.functionapp.operator.status.Finding.Verdict;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentConditionBuilder;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkloadStateTest {

  @ParameterizedTest
  @CsvSource({
    // wanted, there, of this revision, available, sleeps: availability, rollout
    "0, 0, 0, 0, true, OK, OK", // asleep
    "1, 1, 1, 0, true, OK, OK", // waking up
    "4, 4, 4, 1, true, OK, OK", // growing
    "4, 5, 1, 4, true, OK, GOES_ON", // growing while the revision changes
    "1, 1, 1, 1, false, OK, OK", // serving
    "1, 1, 1, 0, false, GOES_ON, GOES_ON", // starting
    "2, 2, 2, 1, false, OK, GOES_ON", // not all there yet
    "1, 2, 1, 1, false, OK, GOES_ON", // the revision before still serves
  })
  void availabilityAndRollout(
      int wanted,
      int there,
      int updated,
      int available,
      boolean sleeps,
      Verdict availability,
      Verdict rollout) {
    var state = of(deployment(wanted, there, updated, available), List.of(), sleeps);

    assertThat(state.availability().verdict()).isEqualTo(availability);
    assertThat(state.rollout().verdict()).isEqualTo(rollout);
  }

  @Test
  void whatTheControllerHasNotSeenYetIsNotRolledOut() {
    var deployment = deployment(1, 1, 1, 1);
    deployment.getMetadata().setGeneration(3L);

    assertThat(of(deployment, List.of(), false).rollout().reason()).isEqualTo(Reason.RollingOut);
  }

  @ParameterizedTest
  @CsvSource({"new, OK", "old, GOES_ON"})
  void aChangeOfReplicasByTheScalerIsNoRollout(String revisionOfPods, Verdict rollout) {
    var deployment = deployment(4, 1, 1, 1);
    deployment.getMetadata().setGeneration(3L);

    assertThat(of(deployment, List.of(pod(revisionOfPods)), true).rollout().verdict())
        .isEqualTo(rollout);
  }

  @Test
  void moreReplicasThanTheScalersMinimumAreNotWaitedFor() {
    var state =
        WorkloadState.of("queue-resize", deployment(4, 4, 4, 1), List.of(), OptionalInt.of(1));

    assertThat(state.rollout().isOk()).isTrue();
  }

  @Test
  void theWordsOfTheKubeletAreInTheMessage() {
    var state = of(deployment(1, 1, 1, 0), List.of(crashing()), true);

    assertThat(state.availability())
        .isEqualTo(
            Finding.goesOn(
                Reason.NoReplicaAvailable,
                "pod p: CrashLoopBackOff: back-off 5m0s restarting (it ended with OOMKilled, exit"
                    + " code 137)"));
  }

  @Test
  void aPodThatDoesNotStartIsNamedWhileTheRevisionBeforeServes() {
    var state = of(deployment(1, 2, 1, 1), List.of(crashing()), false);

    assertThat(state.availability().isOk()).isTrue();
    assertThat(state.rollout().message()).contains("CrashLoopBackOff");
  }

  @Test
  @DisplayName("A pod that no node can take is reported in the scheduler's words")
  void aPodThatCannotBeScheduledIsReportedInTheSchedulersWords() {
    var pod =
        new PodBuilder()
            .withNewMetadata()
            .withName("p")
            .endMetadata()
            .withNewStatus()
            .withPhase("Pending")
            .addNewCondition()
            .withType("PodScheduled")
            .withStatus("False")
            .withReason("Unschedulable")
            .withMessage("0/1 nodes are available: 1 Insufficient memory.")
            .endCondition()
            .endStatus()
            .build();

    var state = of(deployment(1, 1, 1, 0), List.of(pod), false);

    assertThat(state.availability().reason()).isEqualTo(Reason.NoReplicaAvailable);
    assertThat(state.availability().message()).contains("Unschedulable", "Insufficient memory");
    assertThat(state.availability().verdict()).isEqualTo(Verdict.GOES_ON);
  }

  @Test
  @DisplayName(
      "Pods that a quota or Pod Security admission refuses are reported in the API server's words")
  void podsThatAreRefusedAreReportedInTheApiServersWords() {
    var deployment = deployment(1, 0, 0, 0);
    addCondition(deployment, "ReplicaFailure", "True", "FailedCreate", "exceeded quota: small");

    assertThat(of(deployment, List.of(), false).availability())
        .isEqualTo(Finding.goesOn(Reason.ReplicasNotCreated, "exceeded quota: small"));
  }

  @Test
  void aRolloutThatMissesItsDeadlineIsStuck() {
    var deployment = deployment(1, 2, 1, 1);
    addCondition(deployment, "Progressing", "False", "ProgressDeadlineExceeded", "too late");

    assertThat(of(deployment, List.of(crashing()), false).rollout())
        .isEqualTo(
            Finding.stuck(
                Reason.ProgressDeadlineExceeded,
                "group queue-resize: the new replicas did not become ready in time; pod p:"
                    + " CrashLoopBackOff: back-off 5m0s restarting (it ended with OOMKilled, exit"
                    + " code 137)"));
  }

  @Test
  void theUsersSecretsThatAPodMayBeWaitingForAreNamed() {
    var state = of(deployment(1, 2, 1, 1), List.of(withoutSandbox(null)), false);

    assertThat(state.rollout().message())
        .contains("create what is missing of the Secrets \"order-keys\"")
        .doesNotContain("orders-");
  }

  @Test
  void noPodWaitsForASecretThatIsOptional() {
    var state = of(deployment(1, 2, 1, 1), List.of(withoutSandbox(true)), false);

    assertThat(state.rollout().message()).doesNotContain("Secret");
  }

  private static WorkloadState of(Deployment deployment, List<Pod> pods, boolean sleeps) {
    var scaledFrom = sleeps ? OptionalInt.of(0) : OptionalInt.empty();
    return WorkloadState.of("queue-resize", deployment, pods, scaledFrom);
  }

  private static Pod pod(String revision) {
    return new PodBuilder()
        .withNewMetadata()
        .withName("p")
        .addToLabels(Labels.REVISION, revision)
        .endMetadata()
        .build();
  }

  private static Deployment deployment(int wanted, int there, int updated, int available) {
    return new DeploymentBuilder()
        .withNewMetadata()
        .withName("d")
        .withGeneration(2L)
        .endMetadata()
        .withNewSpec()
        .withReplicas(wanted)
        .withNewTemplate()
        .withNewMetadata()
        .addToLabels(Labels.REVISION, "new")
        .endMetadata()
        .endTemplate()
        .endSpec()
        .withNewStatus()
        .withObservedGeneration(2L)
        .withReplicas(there)
        .withUpdatedReplicas(updated)
        .withAvailableReplicas(available)
        .withReadyReplicas(available)
        .endStatus()
        .build();
  }

  private static void addCondition(
      Deployment deployment, String type, String status, String reason, String message) {
    deployment
        .getStatus()
        .getConditions()
        .add(
            new DeploymentConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .build());
  }

  /** As the kubelet reports a pod whose volumes are not all there. */
  private static Pod withoutSandbox(Boolean keysAreOptional) {
    return new PodBuilder()
        .withNewMetadata()
        .withName("p")
        .addToLabels(Labels.APP, "orders")
        .endMetadata()
        .withNewSpec()
        .withVolumes(
            volume(Secrets.packageGrants(TestApps.ID, Map.of()).getMetadata().getName(), null),
            volume(Secrets.evaluationStorage(TestApps.ID, "").getMetadata().getName(), null),
            volume("order-keys", keysAreOptional))
        .endSpec()
        .withNewStatus()
        .addNewCondition()
        .withType("PodReadyToStartContainers")
        .withStatus("False")
        .endCondition()
        .addNewContainerStatus()
        .withName("worker")
        .withNewState()
        .withNewWaiting(null, "ContainerCreating")
        .endState()
        .endContainerStatus()
        .endStatus()
        .build();
  }

  private static Volume volume(String secret, Boolean optional) {
    return new VolumeBuilder()
        .withName(secret)
        .withNewSecret()
        .withSecretName(secret)
        .withOptional(optional)
        .endSecret()
        .build();
  }

  private static Pod crashing() {
    return new PodBuilder()
        .withNewMetadata()
        .withName("p")
        .endMetadata()
        .withNewStatus()
        .addNewContainerStatus()
        .withName("worker")
        .withNewState()
        .withNewWaiting("back-off 5m0s restarting", "CrashLoopBackOff")
        .endState()
        .withNewLastState()
        .withNewTerminated()
        .withReason("OOMKilled")
        .withExitCode(137)
        .endTerminated()
        .endLastState()
        .endContainerStatus()
        .endStatus()
        .build();
  }
}
