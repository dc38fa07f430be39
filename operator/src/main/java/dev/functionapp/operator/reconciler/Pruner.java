package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.resources.ResolveJobs;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import sh.keda.v1alpha1.ScaledObject;
import sh.keda.v1alpha1.TriggerAuthentication;
import sh.keda.v1alpha1.scaledobjectspec.triggers.AuthenticationRef;

/** Deletes what an app has and no longer wants. */
final class Pruner {

  private final LiveObjects live;
  private final Applier applier;

  Pruner(LiveObjects live, Applier applier) {
    this.live = live;
    this.applier = applier;
  }

  /**
   * Keeps the wanted objects of these kinds, what those that stay refer to, the settings of pods
   * that still run, and lookups, which go by themselves; deletes the others.
   */
  void prune(Collection<Class<? extends HasMetadata>> kinds, Collection<HasMetadata> wanted) {
    var wantedNames =
        wanted.stream().map(Pruner::key).collect(Collectors.toCollection(HashSet::new));
    for (var kind : LiveObjects.KINDS) {
      if (kinds.contains(kind)) {
        var inUse = inUse(kind);
        live.all(kind)
            .filter(object -> !wantedNames.contains(key(object)))
            .filter(object -> !ResolveJobs.isOne(object))
            .filter(object -> !inUse.contains(object.getMetadata().getName()))
            .forEach(applier::delete);
      }
    }
  }

  /** The names of objects of a kind that others still need. */
  private Set<String> inUse(Class<? extends HasMetadata> kind) {
    if (kind.equals(ConfigMap.class)) {
      return configMapsInUse();
    }
    return kind.equals(TriggerAuthentication.class) ? authenticationsInUse() : Set.of();
  }

  /** KEDA could not read the queues of a ScaledObject whose TriggerAuthentication is gone. */
  private Set<String> authenticationsInUse() {
    return live.all(ScaledObject.class)
        .flatMap(object -> object.getSpec().getTriggers().stream())
        .flatMap(trigger -> Optional.ofNullable(trigger.getAuthenticationRef()).stream())
        .map(AuthenticationRef::getName)
        .collect(Collectors.toSet());
  }

  private static List<String> key(HasMetadata object) {
    return List.of(object.getKind(), object.getMetadata().getName());
  }

  /**
   * A container that restarts reads its environment anew: the settings of a running pod must stay.
   */
  private Set<String> configMapsInUse() {
    return Stream.concat(
            live.all(Deployment.class)
                .map(deployment -> deployment.getSpec().getTemplate().getSpec()),
            live.workerPods().stream().map(pod -> pod.getSpec()))
        .flatMap(Pruner::configMaps)
        .collect(Collectors.toSet());
  }

  /** The names of the ConfigMaps that a pod reads. */
  private static Stream<String> configMaps(PodSpec pod) {
    return Stream.concat(
        pod.getContainers().stream()
            .flatMap(container -> container.getEnvFrom().stream())
            .filter(source -> source.getConfigMapRef() != null)
            .map(source -> source.getConfigMapRef().getName()),
        pod.getVolumes().stream()
            .filter(volume -> volume.getConfigMap() != null)
            .map(volume -> volume.getConfigMap().getName()));
  }
}
