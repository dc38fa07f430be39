package dev.functionapp.operator.reconciler;

import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** Asks the API server whether it serves all of KEDA's kinds that apps need. */
public final class KedaDiscovery implements BooleanSupplier {

  private static final Set<String> KINDS = Set.of("scaledobjects", "triggerauthentications");

  private final KubernetesClient client;

  public KedaDiscovery(KubernetesClient client) {
    this.client = client;
  }

  @Override
  public boolean getAsBoolean() {
    var resources = client.getApiResources("keda.sh/v1alpha1");
    return resources != null
        && resources.getResources().stream()
            .map(APIResource::getName)
            .collect(Collectors.toSet())
            .containsAll(KINDS);
  }
}
