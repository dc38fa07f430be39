package dev.functionapp.e2e.install;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;

/** Namespaces in which only pods of the restricted Pod Security Standard may run. */
public final class Namespaces {

  private Namespaces() {}

  /** Makes a namespace that has never been: the package store remembers what the ones before it built. Returns its name. */
  public static String fresh(KubernetesClient client, String prefix) {
    String name = prefix + "-" + Long.toString(System.currentTimeMillis(), 36);
    restricted(client, name);
    return name;
  }

  /** Makes the namespace, or sets the standard on the one that is there. */
  public static void restricted(KubernetesClient client, String name) {
    client
        .resource(
            new NamespaceBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                .endMetadata()
                .build())
        .forceConflicts()
        .serverSideApply();
  }
}
