package dev.functionapp.operator.status;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.functionapp.operator.plan.Reason;
import dev.functionapp.operator.resources.Jobs;
import dev.functionapp.operator.resources.ResolveJobs;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Pattern;

/** How a Job stands that prepares a revision, or looks its source up. */
public sealed interface JobState {

  /**
   * It has not ended yet.
   *
   * @param message what it is doing, or why it does not get on
   */
  record Running(String message) implements JobState {}

  record Succeeded() implements JobState {}

  /** The app has a mistake; the same Job would end the same way. */
  record Mistake(Reason reason, String message, Instant at) implements JobState {}

  /** Something else went wrong; another Job may succeed. */
  record Failed(String message, Instant at) implements JobState {}

  ObjectMapper MAPPER = JsonMapper.builder().build();

  Pattern COMMIT = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");

  /**
   * Reads how a Job stands.
   *
   * @param pods the Job's pods, as far as they are still there
   */
  static JobState of(Job job, Collection<Pod> pods) {
    if (condition(job, "Complete").isPresent()) {
      return new Succeeded();
    }
    var failed = condition(job, "Failed");
    if (failed.isEmpty()) {
      return new Running(progress(job, pods));
    }
    var at = Instant.parse(failed.get().getLastTransitionTime());
    var exit = lastFailure(pods);
    if ("PodFailurePolicy".equals(failed.get().getReason())) {
      return exit.filter(end -> end.getExitCode() == Jobs.MISTAKE_EXIT_CODE)
          .map(end -> mistake(end, at))
          .orElseGet(() -> new Mistake(Reason.PrepareFailed, failed.get().getMessage(), at));
    }
    return new Failed(exit.map(JobState::message).orElse(failed.get().getMessage()), at);
  }

  private static Optional<JobCondition> condition(Job job, String type) {
    if (job.getStatus() == null) {
      return Optional.empty();
    }
    return job.getStatus().getConditions().stream()
        .filter(
            condition -> condition.getType().equals(type) && condition.getStatus().equals("True"))
        .findFirst();
  }

  private static String progress(Job job, Collection<Pod> pods) {
    return PodTrouble.of(pods)
        .or(() -> lastFailure(pods).map(end -> "trying again after: " + message(end)))
        .orElseGet(() -> {
          if (ResolveJobs.isOne(job)) {
            return "looking up the commit";
          }
          return pods.stream().anyMatch(JobState::isBuilt)
              ? "loading the functions"
              : "building the package";
        });
  }

  /** Whether nothing is left to build; an image that holds the app never has anything. */
  private static boolean isBuilt(Pod pod) {
    return pod.getStatus() != null
        && pod.getStatus().getInitContainerStatuses().stream()
            .anyMatch(status ->
                status.getState() != null
                    && status.getState().getTerminated() != null
                    && status.getState().getTerminated().getExitCode() == 0);
  }

  private static Optional<ContainerStateTerminated> lastFailure(Collection<Pod> pods) {
    return pods.stream()
        .filter(pod -> pod.getStatus() != null)
        .flatMap(PodTrouble::containers)
        .flatMap(status -> Optional.ofNullable(status.getState()).stream())
        .flatMap(state -> Optional.ofNullable(state.getTerminated()).stream())
        .filter(end -> end.getExitCode() != 0)
        .max(Comparator.comparing(end -> Optional.ofNullable(end.getFinishedAt()).orElse("")));
  }

  /** The commit that a lookup has found, where its answer can be read and is one. */
  static Optional<String> commit(Collection<Pod> pods) {
    return pods.stream()
        .filter(pod -> pod.getStatus() != null)
        .flatMap(PodTrouble::containers)
        .flatMap(status -> Optional.ofNullable(status.getState()).stream())
        .flatMap(state -> Optional.ofNullable(state.getTerminated()).stream())
        .filter(end -> end.getExitCode() == 0)
        .flatMap(end -> outcome(end).stream())
        .map(outcome -> outcome.path("commit").asText(""))
        .filter(commit -> COMMIT.matcher(commit).matches())
        .findFirst();
  }

  private static JobState mistake(ContainerStateTerminated end, Instant at) {
    var reason = outcome(end).map(outcome -> outcome.path("reason").asText("")).orElse("");
    return new Mistake(
        Arrays.stream(Reason.values())
            .filter(known -> known.name().equals(reason))
            .findFirst()
            .orElse(Reason.PrepareFailed),
        message(end),
        at);
  }

  private static String message(ContainerStateTerminated end) {
    return outcome(end)
        .map(outcome -> outcome.path("message").asText(""))
        .filter(message -> !message.isBlank())
        .orElseGet(() ->
            "exit code "
                + end.getExitCode()
                + Optional.ofNullable(end.getReason()).map(r -> " (" + r + ")").orElse(""));
  }

  private static Optional<JsonNode> outcome(ContainerStateTerminated end) {
    if (end.getMessage() == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(MAPPER.readTree(end.getMessage()));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }
}
