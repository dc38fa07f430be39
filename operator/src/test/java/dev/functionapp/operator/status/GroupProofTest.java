package dev.functionapp.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.plan.PastRevision;
import dev.functionapp.operator.resources.Labels;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("What a scale group says of a revision")
class GroupProofTest {

  private static final Instant NOW = Instant.parse("2026-01-01T01:00:00Z");
  private static final Instant APPLIED = NOW.minusSeconds(3000);
  private static final Duration DEADLINE = Duration.ofMinutes(10);

  @Test
  void readyPodsProveIt() {
    assertThat(proof(deployment(2, 2, 2).build())).isEqualTo(new GroupProof.Proven());
  }

  @Test
  void podsOfTheRevisionBeforeDoNotProveIt() {
    assertThat(proof(deployment(2, 1, 2).build())).isInstanceOf(GroupProof.Pending.class);
  }

  @Test
  void aStatusFromBeforeTheChangeDoesNotProveIt() {
    var unseen = deployment(2, 2, 2).editStatus().withObservedGeneration(6L).endStatus().build();

    assertThat(proof(unseen)).isInstanceOf(GroupProof.Pending.class);
  }

  @Test
  void noReplicasAreAsleep() {
    assertThat(proof(deployment(0, 0, 0).build())).isEqualTo(new GroupProof.Asleep());
  }

  @Test
  void whatTheDeploymentSaysOfAnEarlierRolloutDoesNotCount() {
    assertThat(proof(timedOut(APPLIED.minusSeconds(1)))).isInstanceOf(GroupProof.Pending.class);
    assertThat(proof(timedOut(APPLIED))).isInstanceOf(GroupProof.Missed.class);
  }

  @Test
  void aPodThatIsNotReadyForTooLongMissesTheDeadlineWhateverTheDeploymentSays() {
    var woken = deployment(1, 1, 0).build();

    assertThat(proof(woken, pod("new", NOW.minusSeconds(600), "Running")))
        .isEqualTo(new GroupProof.Missed("group queue-resize: pod p: CrashLoopBackOff"));
    assertThat(proof(woken, pod("new", NOW.minusSeconds(599), "Running")))
        .isEqualTo(new GroupProof.Pending(Optional.of(NOW.plusSeconds(1))));
    assertThat(proof(woken, pod("old", NOW.minusSeconds(600), "Running")))
        .isEqualTo(new GroupProof.Pending(Optional.empty()));
  }

  @Test
  void thePodThatWasEvictedCountsBesideTheOneThatFollowedIt() {
    assertThat(
            proof(
                deployment(1, 1, 0).build(),
                pod("new", NOW.minusSeconds(600), "Failed"),
                pod("new", NOW.minusSeconds(5), "Running")))
        .isInstanceOf(GroupProof.Missed.class);
  }

  @Test
  void anotherTryHasAClockOfItsOwn() {
    var before = pod("new", APPLIED.minusSeconds(600), "Running");
    var early = APPLIED.plusSeconds(599);

    assertThat(proof(early, deployment(1, 1, 0).build(), List.of(), before))
        .isEqualTo(new GroupProof.Pending(Optional.of(APPLIED.plusSeconds(600))));
  }

  @Test
  void aGroupThatHasProvenItOnceNeverSpeaksAgainstIt() {
    assertThat(
            proof(
                NOW,
                timedOut(NOW),
                List.of("queue-resize"),
                pod("new", NOW.minusSeconds(600), "Running")))
        .isEqualTo(new GroupProof.Proven());
  }

  private static GroupProof proof(Deployment deployment, Pod... pods) {
    return proof(NOW, deployment, List.of(), pods);
  }

  private static GroupProof proof(
      Instant now, Deployment deployment, List<String> proven, Pod... pods) {
    var workload = WorkloadState.of("queue-resize", deployment, List.of(pods), OptionalInt.of(0));
    var revision =
        new PastRevision(
            "new",
            1,
            "",
            "",
            Optional.empty(),
            APPLIED,
            Optional.empty(),
            new TreeSet<>(proven),
            Optional.empty());
    return GroupProof.of(workload, deployment, List.of(pods), revision, DEADLINE, now);
  }

  private static Deployment timedOut(Instant at) {
    return deployment(2, 1, 1)
        .editStatus()
        .addNewCondition()
        .withType("Progressing")
        .withStatus("False")
        .withReason("ProgressDeadlineExceeded")
        .withLastUpdateTime(at.toString())
        .endCondition()
        .endStatus()
        .build();
  }

  private static DeploymentBuilder deployment(int wanted, int updated, int available) {
    return new DeploymentBuilder()
        .withNewMetadata()
        .withName("orders-queue-resize")
        .withGeneration(7L)
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
        .withObservedGeneration(7L)
        .withReplicas(wanted)
        .withUpdatedReplicas(updated)
        .withAvailableReplicas(available)
        .endStatus();
  }

  private static Pod pod(String revision, Instant created, String phase) {
    return new PodBuilder()
        .withNewMetadata()
        .withName("p")
        .withCreationTimestamp(created.toString())
        .addToLabels(Labels.REVISION, revision)
        .endMetadata()
        .withNewStatus()
        .withPhase(phase)
        .addNewContainerStatus()
        .withNewState()
        .withNewWaiting(null, "CrashLoopBackOff")
        .endState()
        .endContainerStatus()
        .endStatus()
        .build();
  }
}
