package dev.functionapp.operator.resources;

import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.Exposure;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRouteBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRouteRule;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRouteRuleBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ParentReference;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ParentReferenceBuilder;
import java.util.OptionalInt;

/** Asks Gateways to bring requests to an app. */
public final class HttpRoutes {

  static final String PURPOSE = "route";

  private static final String GATEWAY_API = "gateway.networking.k8s.io";

  private HttpRoutes() {}

  public static String name(AppId app) {
    return Names.of(app.name(), PURPOSE);
  }

  /**
   * Every path of every hostname goes to the app's Service. All that the API server would complete
   * is said, because it completes within lists of which server-side apply knows no parts.
   */
  public static HTTPRoute httpRoute(AppId app, Exposure exposure, Exposure.ByGateway by) {
    return new HTTPRouteBuilder()
        .withMetadata(
            ObjectMetadata.of(app, PURPOSE, Labels.Component.ROUTE)
                .addToAnnotations(exposure.annotations())
                .build())
        .withNewSpec()
        .withHostnames(exposure.hostnames())
        .withParentRefs(by.parents().stream().map(HttpRoutes::parent).toList())
        .withRules(everyPath(app))
        .endSpec()
        .build();
  }

  private static ParentReference parent(Exposure.ParentRef parent) {
    return new ParentReferenceBuilder()
        .withGroup(GATEWAY_API)
        .withKind("Gateway")
        .withName(parent.name())
        .withNamespace(parent.namespace().orElse(null))
        .withSectionName(parent.sectionName().orElse(null))
        .withPort(number(parent.port()))
        .build();
  }

  private static Integer number(OptionalInt number) {
    return number.isPresent() ? number.getAsInt() : null;
  }

  private static HTTPRouteRule everyPath(AppId app) {
    return new HTTPRouteRuleBuilder()
        .addNewMatch()
        .withNewPath("PathPrefix", "/")
        .endMatch()
        .addNewBackendRef()
        .withGroup("")
        .withKind("Service")
        .withName(app.name())
        .withPort(Services.PORT)
        .withWeight(1)
        .endBackendRef()
        .build();
  }
}
