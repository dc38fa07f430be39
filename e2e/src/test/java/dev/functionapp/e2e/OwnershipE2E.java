package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.app.Status;
import dev.functionapp.e2e.install.OperatorChart;
import dev.functionapp.e2e.support.AppManifest;
import dev.functionapp.e2e.support.E2E;
import dev.functionapp.e2e.support.Environment;
import dev.functionapp.e2e.support.TestNamespace;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the operator makes is its app's: kept as wanted, written only when different, gone with the app. */
@E2E
class OwnershipE2E {

  private final Environment environment;
  private final TestNamespace namespace;

  OwnershipE2E(Environment environment, TestNamespace namespace) {
    this.environment = environment;
    this.namespace = namespace;
  }

  @Test
  void deletingAnAppRemovesAllThatWasMadeForIt() {
    FunctionApp app = namespace.ready(mixed("doomed"));
    Set<String> kinds = owned(app).stream().map(object -> object.split("/")[0]).collect(Collectors.toSet());
    assertThat(kinds)
        .contains("deployment.apps", "service", "configmap", "secret", "serviceaccount", "scaledobject.keda.sh", "pod", "replicaset.apps");

    namespace.kubectl("delete", "functionapp", app.name()).check();

    namespace.await("everything to be gone", Duration.ofMinutes(2), () -> owned(app).isEmpty());
  }

  @Test
  void anUnchangedAppIsNotWrittenAgain() {
    FunctionApp app = namespace.ready(mixed("quiet"));
    namespace.await("the group to sleep", Duration.ofMinutes(1), () -> app.replicas("queue-work") == 0);
    String before = versions(app);

    environment.operatorPods().forEach(pod -> environment.client().resource(pod).delete());
    environment.cluster().kubectl("--namespace", OperatorChart.NAMESPACE, "rollout", "status", "deployment", OperatorChart.RELEASE).check();
    // Another app's getting ready shows that the new leader has looked at all of them.
    namespace.ready(AppManifest.named("later").echo());

    assertThat(versions(app)).isEqualTo(before);
  }

  @Test
  void whatIsDeletedOrChangedByHandComesBack() {
    FunctionApp app = namespace.ready(mixed("restored"));
    String http = app.deployments().get("http").getMetadata().getName();
    String work = app.deployments().get("queue-work").getMetadata().getName();

    deleteAndAwaitAnother("service", "restored");
    deleteAndAwaitAnother("deployment", http);
    deleteAndAwaitAnother("scaledobject", work);
    namespace.kubectl("delete", "--wait=false", "configmap", "--selector", "functionapp.dev/app=restored").check();
    namespace.awaitAnswer(app, "/api/env/MADE_FOR", "restored");

    namespace.kubectl("scale", "deployment", http, "--replicas", "3").check();
    namespace.await("as many replicas as requests ask for", Duration.ofMinutes(3), () -> app.replicas("http") == 1);
  }

  @Test
  void anothersServiceOfTheSameNameIsLeftAlone() {
    namespace.client()
        .resource(
            new ServiceBuilder()
                .withNewMetadata().withName("taken").withNamespace(namespace.name()).endMetadata()
                .withNewSpec().addToSelector("app", "someone-else").addNewPort().withPort(80).endPort().endSpec()
                .build())
        .create();
    FunctionApp app = namespace.apply(AppManifest.named("taken").echo());

    Status.Condition ready = namespace.awaitFalse(app, "Ready", "NameConflict");
    assertThat(ready.message()).contains("Service \"taken\"").contains("rename");
    assertThat(app.status().condition("Stalled").isTrue()).isTrue();
    assertThat(namespace.client().services().inNamespace(namespace.name()).withName("taken").get().getSpec().getSelector())
        .isEqualTo(Map.of("app", "someone-else"));

    namespace.kubectl("delete", "service", "taken").check();
    namespace.awaitReady(app);
  }

  private AppManifest mixed(String name) {
    String queue = namespace.unique(name);
    return AppManifest.named(name).echo().worker("work", queue, queue).setting("MADE_FOR", name);
  }

  /** Without kubectl's own wait, which does not end when an object of the same name is there again at once. */
  private void deleteAndAwaitAnother(String kind, String name) {
    String before = uid(kind, name);
    assertThat(before).isNotEmpty();
    namespace.kubectl("delete", "--wait=false", kind, name).check();
    namespace.await("another " + kind, Duration.ofMinutes(1), () -> !Set.of("", before).contains(uid(kind, name)));
  }

  private String uid(String kind, String name) {
    return namespace.kubectl("get", kind, name, "--ignore-not-found", "--output", "jsonpath={.metadata.uid}").check();
  }

  private List<String> owned(FunctionApp app) {
    return get(app, "name").lines().toList();
  }

  /** Each object with its resource version. Pods and what follows from them change by themselves. */
  private String versions(FunctionApp app) {
    String objects = get(app, "jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.resourceVersion}{'\\n'}{end}");
    String own = "FunctionApp " + app.resource().require().getMetadata().getResourceVersion();
    return objects.lines().filter(line -> !line.matches("(Lease|ScaledObject|HorizontalPodAutoscaler|PodDisruptionBudget)/.*")).sorted().collect(Collectors.joining("\n", "", "\n" + own));
  }

  /** Every object of the namespace, of every kind that there is, that has the app's label. */
  private String get(FunctionApp app, String output) {
    String kinds =
        namespace.kubectl("api-resources", "--namespaced", "--verbs", "list", "--output", "name").check().lines()
            .filter(kind -> !kind.startsWith("events"))
            .collect(Collectors.joining(","));
    return namespace.kubectl("get", kinds, "--selector", "functionapp.dev/app=" + app.name(), "--output", output).check();
  }
}
