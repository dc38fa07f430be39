package dev.functionapp.operator.scaling;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.util.Collection;
import java.util.Optional;

/** What a replica of the operator, leading or not, has in its caches of scale groups. */
public interface GroupObjects {

  /** Whether the caches have been filled. */
  boolean isFilled();

  /** A group's Deployment. */
  Optional<Deployment> deployment(String namespace, String name);

  /** Pods in the Deployment's namespace that carry its name as their group, whoever made them. */
  Collection<Pod> pods(Deployment deployment);

  /** A ReplicaSet of the namespace. */
  Optional<ReplicaSet> replicaSet(String namespace, String name);

  /** Sets the annotation with the wake times; not where the Deployment has changed meanwhile. */
  void keepWakeTimes(Deployment deployment, String annotation);
}
