package dev.functionapp.operator.status;

import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.Exposure;
import dev.functionapp.operator.plan.Reason;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ParentReference;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.RouteParentStatus;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressLoadBalancerIngress;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Whether an app is reached from outside the cluster. What is missing for that is never a reason
 * for the app not to be Ready: inside the cluster it serves.
 */
public final class ExposureState {

  private ExposureState() {}

  /** The app has nothing that answers HTTP. */
  public static Finding noHttpFunction() {
    return Finding.noted(
        Reason.NoHttpFunction,
        "spec.http.hostnames: no function of the app is triggered by HTTP, so there is nothing to"
            + " reach");
  }

  /** The API server does not know the kind that is asked for. */
  public static Finding gatewayApiNotInstalled() {
    return Finding.noted(
        Reason.GatewayApiNotInstalled,
        "spec.http.parentRefs: the cluster does not know HTTPRoutes; install the Gateway API"
            + " (https://gateway-api.sigs.k8s.io/guides/) and a controller for it, or remove"
            + " parentRefs to have an Ingress");
  }

  /** The API server, or what it asks, refuses the object. */
  public static Finding refused(String kind, String message) {
    return Finding.noted(
        Reason.NotAccepted, "the API server does not accept the %s: %s".formatted(kind, message));
  }

  /** Reads whether a controller has taken up the Ingress. */
  public static Finding of(Exposure exposure, Optional<Ingress> ingress) {
    return ingress
        .flatMap(ExposureState::address)
        .map(address ->
            Finding.ok(
                Reason.Exposed,
                "an Ingress controller answers at %s, which %s must resolve to"
                    .formatted(address, String.join(", ", exposure.hostnames()))))
        .orElseGet(() -> Finding.noted(Reason.NoController, noIngressController(ingress)));
  }

  private static String noIngressController(Optional<Ingress> ingress) {
    var className = ingress.map(found -> found.getSpec().getIngressClassName());
    return className.isPresent()
        ? "no controller has taken up the Ingress: is one for the class \"%s\" installed, and does it have an address? (kubectl get ingressclass)"
            .formatted(className.get())
        : "no controller has taken up the Ingress, which has no class, because the cluster has no"
            + " default: set spec.http.ingressClassName (kubectl get ingressclass)";
  }

  private static Optional<String> address(Ingress ingress) {
    return Optional.ofNullable(ingress.getStatus())
        .map(status -> status.getLoadBalancer())
        .map(loadBalancer -> loadBalancer.getIngress())
        .flatMap(addresses ->
            addresses.stream().map(ExposureState::address).flatMap(Optional::stream).findFirst());
  }

  private static Optional<String> address(IngressLoadBalancerIngress address) {
    return Optional.ofNullable(address.getIp())
        .or(() -> Optional.ofNullable(address.getHostname()));
  }

  /** Reads whether every Gateway that is named has accepted the HTTPRoute. */
  public static Finding of(AppId app, Exposure.ByGateway by, Optional<HTTPRoute> route) {
    for (var parent : by.parents()) {
      var finding = ofParent(app, parent, route);
      if (!finding.isOk()) {
        return finding;
      }
    }
    return Finding.ok(
        Reason.Exposed,
        "accepted by "
            + String.join(", ", by.parents().stream().map(parent -> words(app, parent)).toList()));
  }

  private static Finding ofParent(AppId app, Exposure.ParentRef parent, Optional<HTTPRoute> route) {
    var conditions = route.flatMap(found -> conditions(app, parent, found)).orElse(List.of());
    return conditions.stream()
        .filter(condition -> condition.getStatus().equals("False"))
        .filter(condition ->
            condition.getType().equals("Accepted") || condition.getType().equals("ResolvedRefs"))
        .findFirst()
        .map(condition -> notAccepted(app, parent, condition))
        .orElseGet(() ->
            conditions.stream().anyMatch(ExposureState::isAccepted)
                ? Finding.ok(Reason.Exposed, "accepted by " + words(app, parent))
                : noGateway(app, parent));
  }

  private static boolean isAccepted(Condition condition) {
    return condition.getType().equals("Accepted") && condition.getStatus().equals("True");
  }

  private static Finding notAccepted(AppId app, Exposure.ParentRef parent, Condition condition) {
    return Finding.noted(
        Reason.NotAccepted,
        "%s does not accept the HTTPRoute: %s: %s"
            .formatted(words(app, parent), condition.getReason(), condition.getMessage()));
  }

  private static Finding noGateway(AppId app, Exposure.ParentRef parent) {
    return Finding.noted(
        Reason.NoController,
        "no controller has taken up the HTTPRoute for %s: does it exist, and is its class one that a controller of this cluster serves? (kubectl get gateways --all-namespaces)"
            .formatted(words(app, parent)));
  }

  /** What is said of the route as it is now; a controller says it of each parent. */
  private static Optional<List<Condition>> conditions(
      AppId app, Exposure.ParentRef parent, HTTPRoute route) {
    return Optional.ofNullable(route.getStatus()).stream()
        .flatMap(status -> status.getParents().stream())
        .filter(said -> isOf(app, parent, said.getParentRef()))
        .map(RouteParentStatus::getConditions)
        .map(conditions ->
            conditions.stream()
                .filter(condition ->
                    condition.getObservedGeneration() == null
                        || condition
                            .getObservedGeneration()
                            .equals(route.getMetadata().getGeneration()))
                .toList())
        .filter(conditions -> !conditions.isEmpty())
        .findFirst();
  }

  private static boolean isOf(AppId app, Exposure.ParentRef parent, ParentReference said) {
    return said.getName().equals(parent.name())
        && Optional.ofNullable(said.getNamespace())
            .orElse(app.namespace())
            .equals(parent.namespace().orElse(app.namespace()))
        && Objects.equals(said.getSectionName(), parent.sectionName().orElse(null))
        && (parent.port().isPresent()
            ? Objects.equals(said.getPort(), parent.port().getAsInt())
            : said.getPort() == null);
  }

  private static String words(AppId app, Exposure.ParentRef parent) {
    return "Gateway \"%s\" of the namespace \"%s\""
        .formatted(parent.name(), parent.namespace().orElse(app.namespace()));
  }
}
