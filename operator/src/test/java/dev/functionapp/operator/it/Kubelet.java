package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobConditionBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatusBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** Ends Jobs as the kubelet and the Job controller do: neither is beside the API server. */
final class Kubelet {

  private final Cluster cluster;

  Kubelet(Cluster cluster) {
    this.cluster = cluster;
  }

  /** The app's only Job of a component, once it is there and none else is. */
  Job job(String app, String component) {
    await("the %s Job of %s".formatted(component, app))
        .atMost(30, SECONDS)
        .until(() -> jobs(app, component).size() == 1);
    return jobs(app, component).getFirst();
  }

  /** The Job that follows another one. */
  Job jobAfter(Job before, String app, String component) {
    await("another %s Job of %s".formatted(component, app))
        .atMost(30, SECONDS)
        .until(() ->
            jobs(app, component).stream().map(Kubelet::uid).noneMatch(uid(before)::equals)
                && jobs(app, component).size() == 1);
    return jobs(app, component).getFirst();
  }

  List<Job> jobs(String app, String component) {
    return cluster.objects(Job.class, app).stream()
        .filter(job ->
            component.equals(job.getMetadata().getLabels().get("app.kubernetes.io/component")))
        .toList();
  }

  void succeed(Job job, String message) {
    pod(job, terminated(0, message), "Succeeded");
    end(job, "SuccessCriteriaMet", "Complete", "CompletionsReached");
  }

  /** The app's mistake: exit code 10. */
  void failForMistake(Job job, String reason, String message) {
    pod(job, terminated(10, failed(reason, message)), "Failed");
    end(job, "FailureTarget", "Failed", "PodFailurePolicy");
  }

  /** Something outside the app: every retry ended with exit code 1. */
  void fail(Job job, String message) {
    pod(job, terminated(1, failed("Infrastructure", message)), "Failed");
    end(job, "FailureTarget", "Failed", "BackoffLimitExceeded");
  }

  /** A pod that cannot start because one of its volumes is missing; the reason is in an Event. */
  void waitForVolumes(Job job) {
    var status =
        new PodStatusBuilder()
            .withPhase("Pending")
            .addNewCondition()
            .withType("PodReadyToStartContainers")
            .withStatus("False")
            .endCondition()
            .withContainerStatuses(
                container(
                    job,
                    new ContainerStateBuilder().withNewWaiting(null, "ContainerCreating").build()))
            .build();
    var pod = create(job);
    pod.setStatus(status);
    cluster.client.resource(pod).updateStatus();
  }

  /** What a step of a Job is told to fetch. */
  static String source(Job job, String step) {
    var pod = job.getSpec().getTemplate().getSpec();
    return Stream.concat(pod.getInitContainers().stream(), pod.getContainers().stream())
        .filter(container -> container.getName().equals(step))
        .flatMap(container -> container.getEnv().stream())
        .filter(variable -> variable.getName().equals("FUNCAPP_SOURCE"))
        .map(EnvVar::getValue)
        .findFirst()
        .orElseThrow();
  }

  private void pod(Job job, ContainerState state, String phase) {
    var pod = create(job);
    pod.setStatus(
        new PodStatusBuilder()
            .withPhase(phase)
            .withContainerStatuses(container(job, state))
            .build());
    cluster.client.resource(pod).updateStatus();
  }

  private Pod create(Job job) {
    var template = job.getSpec().getTemplate();
    return cluster
        .client
        .resource(
            new PodBuilder()
                .withNewMetadata()
                .withNamespace(cluster.namespace)
                .withName(
                    job.getMetadata().getName()
                        + "-"
                        + UUID.randomUUID().toString().substring(0, 5))
                .withLabels(template.getMetadata().getLabels())
                .addNewOwnerReference()
                .withApiVersion("batch/v1")
                .withKind("Job")
                .withName(job.getMetadata().getName())
                .withUid(uid(job))
                .withController(true)
                .endOwnerReference()
                .endMetadata()
                .withSpec(template.getSpec())
                .build())
        .create();
  }

  private void end(Job job, String interim, String condition, String reason) {
    var now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    var current = cluster.client.resource(job).get();
    boolean complete = condition.equals("Complete");
    current.setStatus(
        new JobStatusBuilder()
            .withStartTime(now)
            .withCompletionTime(complete ? now : null)
            .withSucceeded(complete ? 1 : null)
            .withFailed(complete ? null : 1)
            .withConditions(
                Stream.of(interim, condition)
                    .map(type ->
                        new JobConditionBuilder()
                            .withType(type)
                            .withStatus("True")
                            .withReason(reason)
                            .withMessage(reason)
                            .withLastTransitionTime(now)
                            .withLastProbeTime(now)
                            .build())
                    .toList())
            .build());
    cluster.client.resource(current).updateStatus();
  }

  private static ContainerStatus container(Job job, ContainerState state) {
    var container = job.getSpec().getTemplate().getSpec().getContainers().getFirst();
    return new ContainerStatusBuilder()
        .withName(container.getName())
        .withImage(container.getImage())
        .withImageID("")
        .withRestartCount(0)
        .withReady(false)
        .withState(state)
        .build();
  }

  private static ContainerState terminated(int exitCode, String message) {
    return new ContainerStateBuilder()
        .withNewTerminated()
        .withExitCode(exitCode)
        .withReason(exitCode == 0 ? "Completed" : "Error")
        .withMessage(message)
        .withFinishedAt(Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
        .endTerminated()
        .build();
  }

  private static String failed(String reason, String message) {
    return "{\"outcome\": \"Failed\", \"reason\": \"%s\", \"message\": \"%s\"}"
        .formatted(reason, message);
  }

  private static String uid(Job job) {
    return job.getMetadata().getUid();
  }
}
