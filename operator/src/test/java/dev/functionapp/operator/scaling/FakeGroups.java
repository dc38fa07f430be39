package dev.functionapp.operator.scaling;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Caches that hold what a test puts in. */
final class FakeGroups implements GroupObjects {

  static final String NAMESPACE = "shop";

  /** The object name of group {@code queue-resize} of app {@code photos}. */
  static final String NAME = dev.functionapp.operator.resources.Names.of("photos", "queue-resize");

  final Map<String, Deployment> deployments = new HashMap<>();
  final List<Pod> pods = new ArrayList<>();
  final Map<String, ReplicaSet> replicaSets = new HashMap<>();
  final List<String> kept = new ArrayList<>();
  boolean filled = true;

  /** A group with one ReplicaSet and no pods. */
  static FakeGroups of(String scaling, int replicas) {
    var groups = new FakeGroups();
    groups.add(NAME, scaling, replicas);
    return groups;
  }

  /** Another group, with one ReplicaSet and no pods. */
  void add(String name, String scaling, int replicas) {
    deployments.put(name, deployment(name, scaling, replicas));
    replicaSets.put(name + "-1", replicaSet(name));
  }

  static Deployment deployment(String scaling, int replicas) {
    return deployment(NAME, scaling, replicas);
  }

  private static Deployment deployment(String name, String scaling, int replicas) {
    return new DeploymentBuilder()
        .withNewMetadata()
        .withNamespace(NAMESPACE)
        .withName(name)
        .withUid(deploymentUid(name))
        .addToAnnotations("functionapp.dev/scaling", scaling)
        .endMetadata()
        .withNewSpec()
        .withReplicas(replicas)
        .withNewSelector()
        .addToMatchLabels("functionapp.dev/app", "photos")
        .addToMatchLabels("functionapp.dev/group", name)
        .endSelector()
        .endSpec()
        .build();
  }

  static ReplicaSet replicaSet() {
    return replicaSet(NAME);
  }

  private static ReplicaSet replicaSet(String group) {
    return new ReplicaSetBuilder()
        .withNewMetadata()
        .withNamespace(NAMESPACE)
        .withName(group + "-1")
        .withUid(replicaSetUid(group))
        .withOwnerReferences(owner("Deployment", group, deploymentUid(group)))
        .endMetadata()
        .build();
  }

  /** One that is ready, and that the ReplicaSet made. */
  static PodBuilder pod(String address) {
    return pod(NAME, address);
  }

  /** One of another group. */
  static PodBuilder pod(String group, String address) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace(NAMESPACE)
        .withName("pod-" + address)
        .addToLabels("functionapp.dev/app", "photos")
        .addToLabels("functionapp.dev/group", group)
        .addToLabels("functionapp.dev/revision", TestGroups.REVISION)
        .withOwnerReferences(owner("ReplicaSet", group + "-1", replicaSetUid(group)))
        .endMetadata()
        .withNewSpec()
        .endSpec()
        .withNewStatus()
        .withPodIP(address)
        .addNewCondition()
        .withType("Ready")
        .withStatus("True")
        .endCondition()
        .endStatus();
  }

  static String deploymentUid(String group) {
    return group + "-deployment-uid";
  }

  static String replicaSetUid(String group) {
    return group + "-replica-set-uid";
  }

  static OwnerReference owner(String kind, String name, String uid) {
    return new OwnerReferenceBuilder()
        .withApiVersion("apps/v1")
        .withKind(kind)
        .withName(name)
        .withUid(uid)
        .withController(true)
        .build();
  }

  @Override
  public boolean isFilled() {
    return filled;
  }

  @Override
  public Optional<Deployment> deployment(String namespace, String name) {
    return Optional.ofNullable(deployments.get(name)).filter(found -> namespace.equals(NAMESPACE));
  }

  @Override
  public Collection<Pod> pods(Deployment deployment) {
    return List.copyOf(pods);
  }

  @Override
  public Optional<ReplicaSet> replicaSet(String namespace, String name) {
    return Optional.ofNullable(replicaSets.get(name));
  }

  @Override
  public void keepWakeTimes(Deployment deployment, String annotation) {
    kept.add(annotation);
  }
}
