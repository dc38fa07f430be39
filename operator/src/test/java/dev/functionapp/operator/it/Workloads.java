package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import java.time.temporal.ChronoUnit;

/** Says of Deployments and pods what their controller and a kubelet would. */
final class Workloads {

  private final Cluster cluster;

  Workloads(Cluster cluster) {
    this.cluster = cluster;
  }

  /** All replicas are of the revision that the Deployment asks for, and ready. */
  void succeed(String app, String group) {
    var deployment = deployment(app, group);
    int replicas = deployment.getSpec().getReplicas();
    report(deployment, replicas, "True", "NewReplicaSetAvailable");
  }

  /** The rollout has missed its deadline; what was there before serves on. */
  void timeOut(String app, String group) {
    report(deployment(app, group), 0, "False", "ProgressDeadlineExceeded");
  }

  private void report(Deployment deployment, int updated, String status, String reason) {
    int replicas = deployment.getSpec().getReplicas();
    var now = cluster.clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    var reported =
        new DeploymentBuilder(deployment)
            // The operator may be writing, too.
            .editMetadata()
            .withResourceVersion(null)
            .endMetadata()
            .withNewStatus()
            .withObservedGeneration(deployment.getMetadata().getGeneration())
            .withReplicas(replicas)
            .withReadyReplicas(replicas)
            .withAvailableReplicas(replicas)
            .withUpdatedReplicas(updated)
            .addNewCondition()
            .withType("Progressing")
            .withStatus(status)
            .withReason(reason)
            .withLastUpdateTime(now)
            .withLastTransitionTime(now)
            .endCondition()
            .endStatus()
            .build();
    cluster.client.resource(reported).patchStatus();
  }

  /** A pod of the revision that the group's Deployment asks for, which does not start. */
  Pod crashingPod(String app, String group) {
    var deployment = deployment(app, group);
    var template = deployment.getSpec().getTemplate();
    var pod =
        cluster
            .client
            .resource(
                new PodBuilder()
                    .withMetadata(template.getMetadata())
                    .editMetadata()
                    .withNamespace(cluster.namespace)
                    .withName(deployment.getMetadata().getName() + "-" + System.nanoTime())
                    .endMetadata()
                    .withSpec(template.getSpec())
                    .build())
            .create();
    var crashing =
        new PodBuilder(pod)
            .withNewStatus()
            .addNewContainerStatus()
            .withName("worker")
            .withImage("worker")
            .withImageID("")
            .withReady(false)
            .withRestartCount(3)
            .withNewState()
            .withNewWaiting("back-off 40s", "CrashLoopBackOff")
            .endState()
            .endContainerStatus()
            .endStatus()
            .build();
    return cluster.client.resource(crashing).patchStatus();
  }

  /** A pod that the Deployment's controllers would make, at the address of a worker. */
  void readyPod(Deployment deployment, String address) {
    var name = deployment.getMetadata().getName();
    var template = deployment.getSpec().getTemplate();
    var set =
        cluster
            .client
            .resource(
                new ReplicaSetBuilder()
                    .withMetadata(owned(deployment, "Deployment", name + "-1"))
                    .withNewSpec()
                    .withSelector(deployment.getSpec().getSelector())
                    .withTemplate(template)
                    .endSpec()
                    .build())
            .create();
    var pod =
        new PodBuilder()
            .withMetadata(owned(set, "ReplicaSet", name + "-1-x"))
            .withSpec(template.getSpec())
            .build();
    pod.getMetadata().setLabels(template.getMetadata().getLabels());
    var created = cluster.client.resource(pod).create();
    created.setStatus(
        new PodStatusBuilder()
            .withPhase("Running")
            .withPodIP(address)
            .addNewPodIP(address)
            .addNewCondition()
            .withType("Ready")
            .withStatus("True")
            .endCondition()
            .build());
    cluster.client.resource(created).updateStatus();
  }

  private ObjectMeta owned(HasMetadata owner, String kind, String name) {
    return new ObjectMetaBuilder()
        .withNamespace(cluster.namespace)
        .withName(name)
        .withLabels(owner.getMetadata().getLabels())
        .addNewOwnerReference()
        .withApiVersion("apps/v1")
        .withKind(kind)
        .withName(owner.getMetadata().getName())
        .withUid(owner.getMetadata().getUid())
        .withController(true)
        .endOwnerReference()
        .build();
  }

  /** Waits for a Deployment that asks for a revision. */
  void awaitRevision(String app, String group, String revision) {
    await(group + " of " + app + " asks for " + revision)
        .atMost(30, SECONDS)
        .until(() -> revision.equals(revision(app, group)));
  }

  String revision(String app, String group) {
    return cluster
        .deployment(app, group)
        .map(found -> found.getMetadata().getLabels().get("functionapp.dev/revision"))
        .orElse("");
  }

  private Deployment deployment(String app, String group) {
    return cluster.deployment(app, group).orElseThrow();
  }
}
