package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.functionapp.operator.TestApps;
import dev.functionapp.operator.packages.PackageStore;
import dev.functionapp.operator.reconciler.AddOns;
import dev.functionapp.operator.reconciler.ControllerOptions;
import dev.functionapp.operator.reconciler.ControllerProcess;
import dev.functionapp.operator.scaling.GroupScaler;
import dev.functionapp.operator.status.KedaSigns;
import dev.functionapp.v1alpha1.FunctionApp;
import dev.functionapp.v1alpha1.functionappstatus.Conditions;
import dev.functionapp.v1alpha1.functionappstatus.Revisions;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import sh.keda.v1alpha1.ScaledObject;
import sh.keda.v1alpha1.TriggerAuthentication;

/** A namespace of the current kubeconfig's cluster with an operator that watches it alone. */
final class Cluster implements AutoCloseable {

  private static final List<Class<? extends HasMetadata>> CHILDREN =
      List.of(
          ConfigMap.class,
          Secret.class,
          ServiceAccount.class,
          Service.class,
          Deployment.class,
          PodDisruptionBudget.class,
          Ingress.class,
          Job.class);

  static final KedaSigns KEDA_WORKS =
      new KedaSigns(Optional.of("keda"), Optional.empty(), Optional.empty());

  final KubernetesClient client = new KubernetesClientBuilder().build();
  final String namespace = "operator-it-" + UUID.randomUUID().toString().substring(0, 8);
  final AtomicBoolean kedaInstalled = new AtomicBoolean();

  /** What KEDA shows of itself, where it is installed. */
  final AtomicReference<KedaSigns> kedaSigns = new AtomicReference<>(KEDA_WORKS);

  final AtomicBoolean gatewayApiInstalled = new AtomicBoolean();
  final AdjustableClock clock = new AdjustableClock();
  final Azurite store;
  private ControllerProcess operator;
  private SimpleMeterRegistry metrics;

  /** With an operator that finds no add-on, and a package store that all tests share. */
  Cluster() {
    this(Azurite.shared(), false);
  }

  /** As {@link #Cluster()}, but the operator finds KEDA as soon as it starts. */
  static Cluster withKeda() {
    return new Cluster(Azurite.shared(), true);
  }

  /** With a package store that the caller may stop, and has to close. */
  Cluster(Azurite store) {
    this(store, false);
  }

  private Cluster(Azurite store, boolean keda) {
    this.store = store;
    kedaInstalled.set(keda);
    Definitions.install(client);
    client
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
        .create();
    startOperator();
  }

  void startOperator() {
    metrics = new SimpleMeterRegistry();
    operator =
        operator(new ControllerOptions(namespace, "it", Set.of(namespace), false, 2), metrics);
    operator.start();
  }

  void stopOperator() {
    operator.stop();
  }

  /** Starts a replica of the operator that leads only where the lease lets it. */
  ControllerProcess startReplica(String instance) {
    var replica =
        operator(
            new ControllerOptions(namespace, instance, Set.of(namespace), true, 2),
            new SimpleMeterRegistry());
    replica.start();
    return replica;
  }

  private ControllerProcess operator(ControllerOptions options, MeterRegistry registry) {
    return new ControllerProcess(
        new KubernetesClientBuilder().build(),
        new PackageStore(store.connectionString(), Optional.empty(), Clock.systemUTC()),
        TestApps.PLATFORM,
        new AddOns(kedaInstalled::get, kedaSigns::get, gatewayApiInstalled::get),
        options,
        registry,
        clock);
  }

  /** What the operator says of how many replicas groups ask for. */
  GroupScaler scaler() {
    return operator.scaler();
  }

  /** How often the operator has looked at an app without an error. */
  double passes() {
    return metrics.find("operator.sdk.reconciliations.success").counters().stream()
        .mapToDouble(counter -> counter.count())
        .sum();
  }

  /** Waits until the operator, which has just started, has looked at what there is. */
  void awaitPassOverEveryApp() {
    int apps = client.resources(FunctionApp.class).inNamespace(namespace).list().getItems().size();
    await("a pass over every app").atMost(60, SECONDS).until(() -> passes() >= apps);
  }

  /** How many objects the operator has written since it started. */
  double writes() {
    return metrics.find("functionapp.writes").counters().stream()
        .mapToDouble(counter -> counter.count())
        .sum();
  }

  FunctionApp apply(String name, String spec) {
    var app =
        client
            .getKubernetesSerialization()
            .unmarshal(
                """
                apiVersion: functionapp.dev/v1alpha1
                kind: FunctionApp
                metadata: {name: %s, namespace: %s}
                spec: %s
                """
                    .formatted(name, namespace, spec),
                FunctionApp.class);
    return client.resource(app).fieldManager("it").forceConflicts().serverSideApply();
  }

  FunctionApp app(String name) {
    return client.resources(FunctionApp.class).inNamespace(namespace).withName(name).get();
  }

  /** Asks for another look, by the annotation. */
  void reconcileAt(String name, String value) {
    client
        .resource(app(name))
        .edit(current -> {
          current.getMetadata().getAnnotations().put("functionapp.dev/reconcile-at", value);
          return current;
        });
  }

  /** Waits until what the app's Deployments run, and nothing else, is of that source. */
  void awaitRunning(String name, String source) {
    await(name + " runs " + source)
        .atMost(30, SECONDS)
        .untilAsserted(() ->
            assertThat(app(name).getStatus().getRevisions())
                .filteredOn(revision -> Boolean.TRUE.equals(revision.getActive()))
                .extracting(Revisions::getSource)
                .containsExactly(source));
  }

  Optional<Conditions> condition(String app, String type) {
    return Optional.ofNullable(app(app).getStatus())
        .flatMap(status -> Optional.ofNullable(status.getConditions()))
        .flatMap(conditions ->
            conditions.stream().filter(found -> found.getType().equals(type)).findFirst());
  }

  void awaitReason(String app, String type, String reason, int seconds) {
    await(app + " has " + type + " with reason " + reason)
        .atMost(seconds, SECONDS)
        .until(() ->
            condition(app, type).map(found -> found.getReason().equals(reason)).orElse(false));
  }

  /** The version of every object of the app and of the app itself, by kind and name. */
  Map<String, String> versions(String app) {
    var versions = new TreeMap<String, String>();
    for (var kind : CHILDREN) {
      objects(kind, app).forEach(object -> put(versions, object));
    }
    if (kedaInstalled.get()) {
      objects(ScaledObject.class, app).forEach(object -> put(versions, object));
      objects(TriggerAuthentication.class, app).forEach(object -> put(versions, object));
    }
    if (gatewayApiInstalled.get()) {
      objects(HTTPRoute.class, app).forEach(object -> put(versions, object));
    }
    put(versions, app(app));
    return versions;
  }

  <T extends HasMetadata> List<T> objects(Class<T> kind, String app) {
    return client
        .resources(kind)
        .inNamespace(namespace)
        .withLabel("functionapp.dev/app", app)
        .list()
        .getItems();
  }

  Optional<Deployment> deployment(String app, String group) {
    return objects(Deployment.class, app).stream()
        .filter(deployment ->
            group.equals(deployment.getMetadata().getAnnotations().get("functionapp.dev/purpose")))
        .findFirst();
  }

  private static void put(Map<String, String> versions, HasMetadata object) {
    var metadata = object.getMetadata();
    versions.put(object.getKind() + "/" + metadata.getName(), metadata.getResourceVersion());
  }

  @Override
  public void close() {
    operator.stop();
    client.namespaces().withName(namespace).delete();
    client.close();
  }
}
