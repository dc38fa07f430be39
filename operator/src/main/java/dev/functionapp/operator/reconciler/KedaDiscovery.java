package dev.functionapp.operator.reconciler;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.function.BooleanSupplier;

/** Asks the API server whether it serves ScaledObjects. */
public final class KedaDiscovery implements BooleanSupplier {

  private final KubernetesClient client;

  public KedaDiscovery(KubernetesClient client) {
    this.client = client;
  }

  @Override
  public boolean getAsBoolean() {
    var resources = client.getApiResources("keda.sh/v1alpha1");
    return resources != null
        && resources.getResources().stream()
            .anyMatch(resource -> resource.getName().equals("scaledobjects"));
  }
}
