package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.resources.Labels;
import dev.functionapp.operator.status.ScalingState;
import dev.functionapp.v1alpha1.FunctionApp;
import dev.functionapp.v1alpha1.functionappstatus.Conditions;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.SecondaryToPrimaryMapper;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.Mappers;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import sh.keda.v1alpha1.ScaledObject;
import sh.keda.v1alpha1.TriggerAuthentication;

/** What is watched beside the apps themselves, and which app each object concerns. */
final class WatchedObjects {

  private static final String OURS = Labels.MANAGED_BY + "=" + Labels.OPERATOR;
  private static final String APPS_BY_CONFIG_MAP = "config-map";
  private static final String PODS_BY_GROUP = "group";

  private final EventSourceContext<FunctionApp> context;
  private final List<InformerEventSource<? extends HasMetadata, FunctionApp>> children;
  private final InformerEventSource<ControllerRevision, FunctionApp> revisions;
  private final InformerEventSource<Deployment, FunctionApp> deployments;
  private final InformerEventSource<ReplicaSet, FunctionApp> replicaSets;
  private final InformerEventSource<Pod, FunctionApp> pods;
  private final InformerEventSource<ConfigMap, FunctionApp> userConfigMaps;
  private final AddOnEventSource keda;
  private final KedaLivenessSource kedaLiveness;
  private final AddOnEventSource gatewayApi;

  /**
   * Sets up the watches; JOSDK starts them.
   *
   * @param addOns asks the cluster what it has beside Kubernetes itself
   * @param namespaces those to watch; empty means all
   */
  WatchedObjects(EventSourceContext<FunctionApp> context, AddOns addOns, Set<String> namespaces) {
    this.context = context;
    this.revisions = ownedBy(ControllerRevision.class);
    this.deployments = ownedBy(Deployment.class);
    this.replicaSets = watch(ReplicaSet.class, "replica-sets", OURS, replicaSet -> Set.of());
    this.pods = watch(Pod.class, "pods", OURS, WatchedObjects::appOfPod);
    pods.addIndexers(Map.of(PODS_BY_GROUP, WatchedObjects::groupOf));
    this.keda =
        addOn(
            "KEDA",
            List.of(
                new AddOnEventSource.Kind<>(ScaledObject.class, ScalingState::said),
                // What KEDA does with it stands in the ScaledObject.
                new AddOnEventSource.Kind<>(TriggerAuthentication.class, object -> "")),
            addOns.keda(),
            namespaces);
    this.kedaLiveness =
        new KedaLivenessSource(keda::isInstalled, addOns.kedaSigns(), context.getPrimaryCache());
    this.gatewayApi =
        addOn(
            "the Gateway API",
            List.of(new AddOnEventSource.Kind<>(HTTPRoute.class, HTTPRoute::getStatus)),
            addOns.gatewayApi(),
            namespaces);
    this.children =
        List.of(
            ownedBy(ServiceAccount.class),
            ownedBy(ConfigMap.class),
            ownedBy(Service.class),
            deployments,
            // Its status tells how many pods are healthy, anew with each of them.
            ownedBy(PodDisruptionBudget.class, (after, before) -> Changes.asked(before, after)),
            ownedBy(Job.class),
            ownedBy(Ingress.class),
            revisions,
            pods);
    context.getPrimaryCache().addIndexer(APPS_BY_CONFIG_MAP, WatchedObjects::configMapsOf);
    this.userConfigMaps =
        watch(ConfigMap.class, "user-config-maps", Labels.WATCH, this::appsThatName);
  }

  List<EventSource<?, FunctionApp>> eventSources() {
    var sources = new ArrayList<EventSource<?, FunctionApp>>(children);
    sources.add(replicaSets);
    sources.add(userConfigMaps);
    sources.add(keda);
    sources.add(kedaLiveness);
    sources.add(gatewayApi);
    return sources;
  }

  boolean kedaInstalled() {
    return keda.isInstalled();
  }

  /**
   * Why KEDA, which is installed, does not work; empty where it does.
   *
   * @param scalingReady the condition so far of the app that is asked for
   */
  Optional<String> kedaFault(Optional<Conditions> scalingReady) {
    return kedaLiveness.fault(scalingReady);
  }

  /** Whether an app is there, and still the same one. */
  boolean exists(AppId app) {
    return context
        .getPrimaryCache()
        .get(new ResourceID(app.name(), app.namespace()))
        .filter(found -> found.getMetadata().getUid().equals(app.uid()))
        .isPresent();
  }

  Optional<ConfigMap> userConfigMap(AppId app, String name) {
    return userConfigMaps.get(new ResourceID(name, app.namespace()));
  }

  /**
   * Has the next pass see what this one has written of the history, also before the watch brings
   * it.
   *
   * @param before empty where it was created
   */
  void written(ControllerRevision object, Optional<ControllerRevision> before) {
    var id = ResourceID.fromResource(object);
    before.ifPresentOrElse(
        current -> revisions.handleRecentResourceUpdate(id, object, current),
        () -> revisions.handleRecentResourceCreate(id, object));
  }

  Optional<Deployment> deployment(String namespace, String name) {
    return deployments.get(new ResourceID(name, namespace));
  }

  Optional<ReplicaSet> replicaSet(String namespace, String name) {
    return replicaSets.get(new ResourceID(name, namespace));
  }

  /** Pods that carry the Deployment's name as their group, whoever made them. */
  List<Pod> podsOfGroup(Deployment deployment) {
    var metadata = deployment.getMetadata();
    return pods.byIndex(PODS_BY_GROUP, indexKey(metadata.getNamespace(), metadata.getName()));
  }

  LiveObjects of(FunctionApp app) {
    return new LiveObjects(
        AppSpecs.id(app),
        new LiveObjects.Cache() {
          @Override
          public <T extends HasMetadata> Collection<T> of(Class<T> kind) {
            return cached(app, kind);
          }

          @Override
          public boolean isServed(Class<? extends HasMetadata> kind) {
            return !gatewayApi.watches(kind) || gatewayApi.isInstalled();
          }
        });
  }

  private <T extends HasMetadata> Collection<T> cached(FunctionApp app, Class<T> kind) {
    for (var addOn : List.of(keda, gatewayApi)) {
      if (addOn.watches(kind)) {
        return addOn.objects(app, kind);
      }
    }
    var objects = new ArrayList<T>();
    for (var source : children) {
      if (source.resourceType().equals(kind)) {
        source.getSecondaryResources(app).forEach(object -> objects.add(kind.cast(object)));
      }
    }
    return objects;
  }

  private AddOnEventSource addOn(
      String name,
      List<AddOnEventSource.Kind<?>> kinds,
      BooleanSupplier discovery,
      Set<String> namespaces) {
    return new AddOnEventSource(
        name, kinds, context.getClient(), discovery, namespaces, context.getPrimaryCache());
  }

  private <T extends HasMetadata> InformerEventSource<T, FunctionApp> ownedBy(Class<T> kind) {
    return ownedBy(kind, (after, before) -> true);
  }

  private <T extends HasMetadata> InformerEventSource<T, FunctionApp> ownedBy(
      Class<T> kind, OnUpdateFilter<T> concerns) {
    return watch(
        kind, kind.getSimpleName(), OURS, Mappers.fromOwnerReferences(FunctionApp.class), concerns);
  }

  private <T extends HasMetadata> InformerEventSource<T, FunctionApp> watch(
      Class<T> kind, String name, String labelSelector, SecondaryToPrimaryMapper<T> toApps) {
    return watch(kind, name, labelSelector, toApps, (after, before) -> true);
  }

  private <T extends HasMetadata> InformerEventSource<T, FunctionApp> watch(
      Class<T> kind,
      String name,
      String labelSelector,
      SecondaryToPrimaryMapper<T> toApps,
      OnUpdateFilter<T> concerns) {
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(kind, FunctionApp.class)
            .withName(name)
            .withLabelSelector(labelSelector)
            .withSecondaryToPrimaryMapper(toApps)
            .withOnUpdateFilter(concerns)
            .withNamespacesInheritedFromController()
            .build(),
        context);
  }

  /** A pod's owner is a ReplicaSet or Job, which are not the app's name. */
  private static Set<ResourceID> appOfPod(Pod pod) {
    var app = pod.getMetadata().getLabels().get(Labels.APP);
    return app == null ? Set.of() : Set.of(new ResourceID(app, pod.getMetadata().getNamespace()));
  }

  private static List<String> groupOf(Pod pod) {
    var group = pod.getMetadata().getLabels().get(Labels.GROUP);
    return group == null ? List.of() : List.of(indexKey(pod.getMetadata().getNamespace(), group));
  }

  private Set<ResourceID> appsThatName(ConfigMap configMap) {
    var key = indexKey(configMap.getMetadata().getNamespace(), configMap.getMetadata().getName());
    return context.getPrimaryCache().byIndex(APPS_BY_CONFIG_MAP, key).stream()
        .map(ResourceID::fromResource)
        .collect(Collectors.toSet());
  }

  private static List<String> configMapsOf(FunctionApp app) {
    try {
      return ReferencedConfigMaps.names(AppSpecs.of(app)).stream()
          .map(name -> indexKey(app.getMetadata().getNamespace(), name))
          .toList();
    } catch (RuntimeException e) {
      // Stored under another schema; its own pass reports that, and other apps must not suffer.
      return List.of();
    }
  }

  private static String indexKey(String namespace, String name) {
    return namespace + "/" + name;
  }
}
