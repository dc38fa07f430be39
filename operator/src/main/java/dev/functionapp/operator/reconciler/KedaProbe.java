package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.status.KedaSigns;
import dev.functionapp.operator.status.KedaSigns.Renewal;
import io.fabric8.kubernetes.api.model.APIService;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.Optional;

/** Reads the signs of life that KEDA gives to the API server. */
final class KedaProbe {

  private static final String METRICS_API = "v1beta1.external.metrics.k8s.io";

  /** KEDA's {@code --leader-election-id}, by default. */
  private static final String LEASE = "operator.keda.sh";

  private KedaProbe() {}

  /**
   * The signs as they are now. The Lease is looked for where the metrics server is, so that nobody
   * else's is taken for KEDA's.
   *
   * @throws io.fabric8.kubernetes.client.KubernetesClientException if the API server does not
   *     answer, or may not
   */
  static KedaSigns look(KubernetesClient client) {
    var api = Optional.ofNullable(client.apiServices().withName(METRICS_API).get());
    var namespace =
        api.flatMap(found -> Optional.ofNullable(found.getSpec().getService()))
            .map(service -> service.getNamespace());
    return new KedaSigns(
        namespace,
        api.map(KedaProbe::fault).orElse(Optional.of("is not registered")),
        namespace.flatMap(found -> renewal(client, found)));
  }

  private static Optional<String> fault(APIService api) {
    var available =
        Optional.ofNullable(api.getStatus()).stream()
            .flatMap(status -> status.getConditions().stream())
            .filter(condition -> condition.getType().equals("Available"))
            .findFirst();
    return available.filter(condition -> condition.getStatus().equals("True")).isPresent()
        ? Optional.empty()
        : Optional.of(
            available
                .map(condition ->
                    "has not been available since " + condition.getLastTransitionTime())
                .orElse("has not been available yet"));
  }

  private static Optional<Renewal> renewal(KubernetesClient client, String namespace) {
    return Optional.ofNullable(client.leases().inNamespace(namespace).withName(LEASE).get())
        .map(lease -> lease.getSpec())
        .filter(spec -> spec.getRenewTime() != null && spec.getLeaseDurationSeconds() != null)
        .map(spec ->
            new Renewal(
                spec.getRenewTime().toInstant(),
                Duration.ofSeconds(spec.getLeaseDurationSeconds())));
  }
}
