package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionCondition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The kinds that the API server has to know. They are the whole cluster's, so they are installed
 * once, before the first test, and stay; whether an operator takes an add-on for installed is said
 * by its {@link Cluster} alone.
 */
final class Definitions {

  private static final Path FUNCTION_APPS = Path.of("../crds/functionapps.functionapp.dev.yaml");
  private static final Path KEDA = Path.of("src/test/resources/keda");
  private static final Path GATEWAY_API = Path.of("../target/cluster/gateway-api.yaml");

  private static boolean installed;

  private Definitions() {}

  /** Installs FunctionApps as they are here, and what add-ons bring where it is missing. */
  static synchronized void install(KubernetesClient client) {
    if (installed) {
      return;
    }
    client
        .resource(load(client, FUNCTION_APPS, "functionapps.functionapp.dev"))
        .fieldManager("it")
        .forceConflicts()
        .serverSideApply();
    awaitServed(client, "functionapps.functionapp.dev");
    for (var name : new String[] {"scaledobjects.keda.sh", "triggerauthentications.keda.sh"}) {
      offer(client, KEDA.resolve(name + ".yaml"), name);
    }
    offer(client, GATEWAY_API, "httproutes.gateway.networking.k8s.io");
    installed = true;
  }

  private static void offer(KubernetesClient client, Path file, String name) {
    if (find(client, name).isEmpty()) {
      client.resource(load(client, file, name)).create();
    }
    awaitServed(client, name);
  }

  private static CustomResourceDefinition load(KubernetesClient client, Path file, String name) {
    try (var content = Files.newInputStream(file)) {
      return client.load(content).items().stream()
          .filter(found -> found.getMetadata().getName().equals(name))
          .map(CustomResourceDefinition.class::cast)
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<CustomResourceDefinition> find(KubernetesClient client, String name) {
    return Optional.ofNullable(
        client.apiextensions().v1().customResourceDefinitions().withName(name).get());
  }

  private static void awaitServed(KubernetesClient client, String name) {
    await(name + " is served")
        .atMost(30, SECONDS)
        .until(() ->
            find(client, name)
                .map(CustomResourceDefinition::getStatus)
                // A new one has none.
                .map(CustomResourceDefinitionStatus::getConditions)
                .filter(conditions -> conditions.stream().anyMatch(Definitions::isEstablished))
                .isPresent());
  }

  private static boolean isEstablished(CustomResourceDefinitionCondition condition) {
    return condition.getType().equals("Established") && condition.getStatus().equals("True");
  }
}
