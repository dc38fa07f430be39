package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import dev.functionapp.operator.TestApps;
import dev.functionapp.operator.packages.PackageStore;
import dev.functionapp.operator.reconciler.AddOns;
import dev.functionapp.operator.reconciler.ControllerOptions;
import dev.functionapp.operator.reconciler.ControllerProcess;
import dev.functionapp.v1alpha1.FunctionApp;
import dev.functionapp.v1alpha1.functionappstatus.Conditions;
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
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
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

  private static final String HTTP_ROUTES = "httproutes.gateway.networking.k8s.io";

  final KubernetesClient client = new KubernetesClientBuilder().build();
  final String namespace = "operator-it-" + UUID.randomUUID().toString().substring(0, 8);
  final AtomicBoolean kedaInstalled = new AtomicBoolean();
  final AtomicBoolean gatewayApiInstalled = new AtomicBoolean();
  final AdjustableClock clock = new AdjustableClock();
  private final String storeConnection;
  private ControllerProcess operator;
  private SimpleMeterRegistry metrics;

  Cluster(String storeConnection) {
    this.storeConnection = storeConnection;
    install(Path.of("../crds/functionapps.functionapp.dev.yaml"));
    client
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
        .create();
    startOperator();
  }

  /** Makes KEDA's kinds known to the API server, where they are not. */
  void offerKedaKinds() {
    for (var name : List.of("scaledobjects.keda.sh", "triggerauthentications.keda.sh")) {
      if (client.apiextensions().v1().customResourceDefinitions().withName(name).get() == null) {
        install(Path.of("src/test/resources/keda/" + name + ".yaml"));
      }
    }
  }

  /** Makes HTTPRoutes known to the API server, by their own definition. */
  void offerHttpRoutes() {
    try (var definitions = Files.newInputStream(Path.of("../target/cluster/gateway-api.yaml"))) {
      client.load(definitions).items().stream()
          .filter(definition -> definition.getMetadata().getName().equals(HTTP_ROUTES))
          .forEach(definition ->
              client.resource(definition).fieldManager("it").forceConflicts().serverSideApply());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    awaitServed(HTTP_ROUTES);
  }

  void startOperator() {
    metrics = new SimpleMeterRegistry();
    var operatorClient = new KubernetesClientBuilder().build();
    operator =
        new ControllerProcess(
            operatorClient,
            new PackageStore(storeConnection, Optional.empty(), Clock.systemUTC()),
            TestApps.PLATFORM,
            new AddOns(kedaInstalled::get, gatewayApiInstalled::get),
            new ControllerOptions(namespace, "it", Set.of(namespace), false, 2),
            metrics,
            clock);
    operator.start();
  }

  void stopOperator() {
    operator.stop();
  }

  /** How often the operator has looked at an app without an error. */
  double passes() {
    return metrics.find("operator.sdk.reconciliations.success").counters().stream()
        .mapToDouble(counter -> counter.count())
        .sum();
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

  private void install(Path definition) {
    try (var content = Files.newInputStream(definition)) {
      client.load(content).fieldManager("it").forceConflicts().serverSideApply();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    awaitServed(definition.getFileName().toString().replace(".yaml", ""));
  }

  private void awaitServed(String kind) {
    await(kind + " is served")
        .atMost(30, SECONDS)
        .until(() ->
            client
                .apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName(kind)
                .get()
                .getStatus()
                .getConditions()
                .stream()
                .anyMatch(condition ->
                    condition.getType().equals("Established")
                        && condition.getStatus().equals("True")));
  }

  @Override
  public void close() {
    operator.stop();
    client.namespaces().withName(namespace).delete();
    client.close();
  }
}
