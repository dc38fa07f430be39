package dev.functionapp.operator.scaling;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which pods the operator asks: the labels and owners of the others are what a tenant wrote. */
class WorkerPodsTest {

  private final FakeGroups groups = FakeGroups.of("{}", 1);

  @Test
  void aReadyPodOfTheDeploymentIsAsked() {
    var pod = FakeGroups.pod("10.1.2.3").build();

    assertThat(askable(pod)).isTrue();
    assertThat(askable(FakeGroups.pod("fd00::7").build())).isTrue();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("others")
  @DisplayName("Threat: one tenant leads the operator's requests elsewhere")
  void anyOtherPodIsNot(String what, UnaryOperator<PodBuilder> change) {
    assertThat(askable(change.apply(FakeGroups.pod("10.1.2.3")).build())).isFalse();
  }

  static Stream<Arguments> others() {
    return Stream.of(
        other(
            "in another namespace", pod -> pod.editMetadata().withNamespace("mail").endMetadata()),
        other(
            "of another group",
            pod ->
                pod.editMetadata()
                    .addToLabels("functionapp.dev/group", "other-http-12345678")
                    .endMetadata()),
        other("without labels", pod -> pod.editMetadata().withLabels(Map.of()).endMetadata()),
        other("without an owner", pod -> pod.editMetadata().withOwnerReferences().endMetadata()),
        other(
            "with an owner that does not control it",
            pod ->
                pod.editMetadata()
                    .editFirstOwnerReference()
                    .withController(false)
                    .endOwnerReference()
                    .endMetadata()),
        other(
            "whose owner has the ReplicaSet's name alone",
            pod ->
                pod.editMetadata()
                    .editFirstOwnerReference()
                    .withUid("another-uid")
                    .endOwnerReference()
                    .endMetadata()),
        other(
            "that the Deployment is said to control itself",
            pod ->
                pod.editMetadata()
                    .withOwnerReferences(
                        FakeGroups.owner(
                            "Deployment",
                            FakeGroups.NAME,
                            FakeGroups.deploymentUid(FakeGroups.NAME)))
                    .endMetadata()),
        other(
            "that a Job made",
            pod ->
                pod.editMetadata()
                    .withOwnerReferences(
                        FakeGroups.owner(
                            "Job",
                            FakeGroups.NAME + "-1",
                            FakeGroups.replicaSetUid(FakeGroups.NAME)))
                    .endMetadata()),
        other(
            "that is terminating",
            pod -> pod.editMetadata().withDeletionTimestamp("2026-11-21T03:00:00Z").endMetadata()),
        other(
            "that is not ready",
            pod ->
                pod.editStatus()
                    .editFirstCondition()
                    .withStatus("False")
                    .endCondition()
                    .endStatus()),
        other("without a status", pod -> pod.withStatus(null)),
        other("on the host's network", pod -> pod.editSpec().withHostNetwork(true).endSpec()),
        other("without an address", pod -> pod.editStatus().withPodIP(null).endStatus()),
        other(
            "whose address is a name",
            pod -> pod.editStatus().withPodIP("metadata.example/").endStatus()));
  }

  @Test
  void theReplicaSetHasToBeTheDeployments() {
    var pod = FakeGroups.pod("10.1.2.3").build();
    var foreign =
        new ReplicaSetBuilder(FakeGroups.replicaSet())
            .editMetadata()
            .withOwnerReferences(FakeGroups.owner("Deployment", FakeGroups.NAME, "another-uid"))
            .endMetadata()
            .build();

    groups.replicaSets.put(FakeGroups.NAME + "-1", foreign);
    assertThat(askable(pod)).isFalse();

    groups.replicaSets.clear();
    assertThat(askable(pod)).isFalse();
  }

  private static Arguments other(String what, UnaryOperator<PodBuilder> change) {
    return Arguments.of(what, change);
  }

  private boolean askable(Pod pod) {
    groups.pods.clear();
    groups.pods.add(pod);
    return !WorkerPods.askable(groups.deployments.get(FakeGroups.NAME), groups).isEmpty();
  }
}
