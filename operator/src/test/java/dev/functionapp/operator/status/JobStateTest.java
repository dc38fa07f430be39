package dev.functionapp.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.plan.Reason;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobStateTest {

  private static final String FAILED_AT = "2026-01-01T00:00:00Z";

  @Test
  void tellsBuildingFromLoading() {
    assertThat(JobState.of(job(null, null), List.of(pod(List.of(), List.of()))))
        .isEqualTo(new JobState.Running("building the package"));
    assertThat(
            JobState.of(job(null, null), List.of(pod(List.of(ended("build", 0, "")), List.of()))))
        .isEqualTo(new JobState.Running("loading the functions"));
  }

  @Test
  @DisplayName("A Secret that is missing is reported in the kubelet's words")
  void tellsWhyAPodDoesNotStart() {
    var waiting =
        new ContainerStatusBuilder()
            .withName("verify")
            .withNewState()
            .withNewWaiting("secret \"db\" not found", "CreateContainerConfigError")
            .endState()
            .build();

    var state =
        JobState.of(
            job(null, null), List.of(pod(List.of(ended("build", 0, "")), List.of(waiting))));

    assertThat(state)
        .isEqualTo(
            new JobState.Running("pod p: CreateContainerConfigError: secret \"db\" not found"));
  }

  @Test
  void aMistakeHasTheReasonAndTheLastLinesOfTheStep() {
    var outcome =
        "{\"outcome\": \"Failed\", \"reason\": \"RequirementsNotInstalled\","
            + " \"message\": \"ERROR: No matching distribution found for nosuch==1\"}";

    var state =
        JobState.of(
            job("Failed", "PodFailurePolicy"),
            List.of(pod(List.of(ended("build", 10, outcome)), List.of())));

    assertThat(state)
        .isEqualTo(
            new JobState.Mistake(
                Reason.RequirementsNotInstalled,
                "ERROR: No matching distribution found for nosuch==1",
                Instant.parse(FAILED_AT)));
  }

  @Test
  void aMistakeWhosePodIsGoneIsStillAMistake() {
    assertThat(JobState.of(job("Failed", "PodFailurePolicy"), List.of()))
        .isEqualTo(
            new JobState.Mistake(
                Reason.PrepareFailed, "the Job says so", Instant.parse(FAILED_AT)));
  }

  @Test
  void anotherFailureIsWorthAnotherJob() {
    var state =
        JobState.of(
            job("Failed", "BackoffLimitExceeded"),
            List.of(pod(List.of(ended("build", 137, null)), List.of())));

    assertThat(state)
        .isEqualTo(new JobState.Failed("exit code 137 (Error)", Instant.parse(FAILED_AT)));
  }

  @Test
  void whatATenantWritesInPlaceOfAnOutcomeDoesNoHarm() {
    var state =
        JobState.of(
            job("Failed", "PodFailurePolicy"),
            List.of(pod(List.of(), List.of(ended("verify", 10, "[\"not what was agreed\"")))));

    assertThat(state)
        .isEqualTo(
            new JobState.Mistake(
                Reason.PrepareFailed, "exit code 10 (Error)", Instant.parse(FAILED_AT)));
  }

  @Test
  void completeIsSucceeded() {
    assertThat(JobState.of(job("Complete", ""), List.of())).isEqualTo(new JobState.Succeeded());
  }

  @Test
  void aLookupHasWordsOfItsOwn() {
    var job = new JobBuilder(job(null, null)).build();
    job.getMetadata().getLabels().put("app.kubernetes.io/component", "resolve");

    assertThat(JobState.of(job, List.of()))
        .isEqualTo(new JobState.Running("looking up the commit"));
  }

  @Test
  void theCommitIsWhatTheLookupAnswers() {
    assertThat(JobState.commit(List.of(answered("{\"commit\": \"%s\"}".formatted("a".repeat(40))))))
        .contains("a".repeat(40));
    assertThat(JobState.commit(List.of(answered("{\"commit\": \"%s\"}".formatted("b".repeat(64))))))
        .contains("b".repeat(64));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "not JSON", "{\"commit\": \"main\"}", "{\"commit\": \"--x\"}"})
  void whatIsNoCommitIsNoAnswer(String message) {
    assertThat(JobState.commit(List.of(answered(message)))).isEmpty();
  }

  private static Pod answered(String message) {
    return pod(List.of(), List.of(ended("resolve", 0, message)));
  }

  private static Job job(String condition, String reason) {
    var builder =
        new JobBuilder()
            .withNewMetadata()
            .addToLabels("app.kubernetes.io/component", "prepare")
            .endMetadata()
            .withNewStatus();
    if (condition != null) {
      builder
          .addNewCondition()
          .withType(condition)
          .withStatus("True")
          .withReason(reason)
          .withMessage("the Job says so")
          .withLastTransitionTime(FAILED_AT)
          .endCondition();
    }
    return builder.endStatus().build();
  }

  private static Pod pod(List<ContainerStatus> init, List<ContainerStatus> containers) {
    return new PodBuilder()
        .withNewMetadata()
        .withName("p")
        .endMetadata()
        .withNewStatus()
        .withInitContainerStatuses(init)
        .withContainerStatuses(containers)
        .endStatus()
        .build();
  }

  private static ContainerStatus ended(String name, int exitCode, String message) {
    return new ContainerStatusBuilder()
        .withName(name)
        .withNewState()
        .withNewTerminated()
        .withExitCode(exitCode)
        .withReason(exitCode == 0 ? "Completed" : "Error")
        .withMessage(message)
        .endTerminated()
        .endState()
        .build();
  }
}
