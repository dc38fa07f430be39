package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.resources.Labels;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import sh.keda.v1alpha1.ScaledObject;
import sh.keda.v1alpha1.TriggerAuthentication;

/** An app's objects as the caches show them, kept up with what this pass writes. */
final class LiveObjects {

  /**
   * The kinds that make up scale groups, in the order in which it is safe to delete: what scales
   * goes before what it refers to and what is scaled.
   */
  static final List<Class<? extends HasMetadata>> WORKLOADS =
      List.of(
          ScaledObject.class,
          TriggerAuthentication.class,
          Service.class,
          Deployment.class,
          PodDisruptionBudget.class);

  /** The kinds that bring callers from outside the cluster. */
  static final List<Class<? extends HasMetadata>> ROUTES = List.of(Ingress.class, HTTPRoute.class);

  /** Every kind that a plan makes, in the order in which it is safe to delete. */
  static final List<Class<? extends HasMetadata>> KINDS =
      Stream.of(ROUTES, WORKLOADS, List.of(Job.class, ConfigMap.class, ServiceAccount.class))
          .<Class<? extends HasMetadata>>flatMap(List::stream)
          .toList();

  /** Gives the cached objects of a kind that belong to the app. */
  interface Cache {
    <T extends HasMetadata> Collection<T> of(Class<T> kind);

    /** Whether the API server knows the kind: not all are Kubernetes' own. */
    boolean isServed(Class<? extends HasMetadata> kind);
  }

  /** The history is not wanted or unwanted: it says itself what may go. */
  private static final List<Class<? extends HasMetadata>> ALL =
      Stream.concat(KINDS.stream(), Stream.of(ControllerRevision.class)).toList();

  private final Map<Class<? extends HasMetadata>, Map<String, HasMetadata>> owned = new HashMap<>();
  private final List<Pod> pods;
  private final Cache cache;

  LiveObjects(AppId app, Cache cache) {
    for (var kind : ALL) {
      var byName = new HashMap<String, HasMetadata>();
      cache.of(kind).stream()
          .filter(object -> isOwnedBy(app, object))
          .forEach(object -> byName.put(object.getMetadata().getName(), object));
      owned.put(kind, byName);
    }
    pods = List.copyOf(cache.of(Pod.class));
    this.cache = cache;
  }

  boolean isServed(Class<? extends HasMetadata> kind) {
    return cache.isServed(kind);
  }

  static boolean isOwnedBy(AppId app, HasMetadata object) {
    return controller(object).filter(owner -> owner.getUid().equals(app.uid())).isPresent();
  }

  static Optional<OwnerReference> controller(HasMetadata object) {
    return object.getMetadata().getOwnerReferences().stream()
        .filter(owner -> Boolean.TRUE.equals(owner.getController()))
        .findFirst();
  }

  <T extends HasMetadata> Optional<T> find(Class<T> kind, String name) {
    return Optional.ofNullable(owned.get(kind).get(name)).map(kind::cast);
  }

  <T extends HasMetadata> Stream<T> all(Class<T> kind) {
    return List.copyOf(owned.get(kind).values()).stream().map(kind::cast);
  }

  /** Every object of a name but for Services, which lead to others. */
  List<HasMetadata> named(String name) {
    return KINDS.stream()
        .filter(kind -> kind != Service.class)
        .flatMap(kind -> find(kind, name).stream())
        .map(HasMetadata.class::cast)
        .toList();
  }

  void written(HasMetadata object) {
    owned.get(object.getClass()).put(object.getMetadata().getName(), object);
  }

  void deleted(HasMetadata object) {
    owned.get(object.getClass()).remove(object.getMetadata().getName());
  }

  /** The pods of one scale group, by its object name. */
  List<Pod> podsOfGroup(String deployment) {
    return pods.stream()
        .filter(pod -> deployment.equals(pod.getMetadata().getLabels().get(Labels.GROUP)))
        .toList();
  }

  List<Pod> podsOf(Job job) {
    return pods.stream()
        .filter(pod ->
            controller(pod)
                .filter(owner -> owner.getUid().equals(job.getMetadata().getUid()))
                .isPresent())
        .toList();
  }

  /** The package key of each revision that a Deployment or a pod runs, empty text for an image. */
  Map<String, String> revisionsInUse() {
    var keys = new HashMap<String, String>();
    Stream.concat(
            all(Deployment.class)
                .map(deployment -> deployment.getSpec().getTemplate().getMetadata()),
            workerPods().stream().map(Pod::getMetadata))
        .filter(metadata -> metadata.getLabels().containsKey(Labels.REVISION))
        .forEach(metadata ->
            keys.put(
                metadata.getLabels().get(Labels.REVISION),
                Optional.ofNullable(metadata.getAnnotations())
                    .map(annotations -> annotations.get(Labels.PACKAGE_KEY))
                    .orElse("")));
    return keys;
  }

  List<Pod> workerPods() {
    return pods.stream()
        .filter(pod -> pod.getMetadata().getLabels().containsKey(Labels.GROUP))
        .toList();
  }
}
