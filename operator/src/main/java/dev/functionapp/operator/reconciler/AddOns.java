package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.status.KedaSigns;
import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What a cluster may have beside Kubernetes itself; each asks the API server anew.
 *
 * @param keda whether it serves all of KEDA's kinds that apps need
 * @param kedaSigns whether KEDA, where it is installed, shows that it works
 * @param gatewayApi whether it serves HTTPRoutes
 */
public record AddOns(
    BooleanSupplier keda, Supplier<KedaSigns> kedaSigns, BooleanSupplier gatewayApi) {

  /** Those of the client's cluster. */
  public static AddOns of(KubernetesClient client) {
    return new AddOns(
        () -> serves(client, "keda.sh/v1alpha1", "scaledobjects", "triggerauthentications"),
        () -> KedaProbe.look(client),
        () -> serves(client, "gateway.networking.k8s.io/v1", "httproutes"));
  }

  private static boolean serves(KubernetesClient client, String apiVersion, String... kinds) {
    var resources = client.getApiResources(apiVersion);
    return resources != null
        && resources.getResources().stream()
            .map(APIResource::getName)
            .collect(Collectors.toSet())
            .containsAll(List.of(kinds));
  }
}
