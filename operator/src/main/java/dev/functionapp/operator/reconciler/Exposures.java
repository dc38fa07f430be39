package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.AppPlan;
import dev.functionapp.operator.plan.AppSpec;
import dev.functionapp.operator.plan.Exposure;
import dev.functionapp.operator.resources.HttpRoutes;
import dev.functionapp.operator.resources.Ingresses;
import dev.functionapp.operator.status.ExposureState;
import dev.functionapp.operator.status.Finding;
import dev.functionapp.v1alpha1.functionappspec.Http;
import dev.functionapp.v1alpha1.functionappspec.http.ParentRefs;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/** How an app asks to be reached from outside the cluster, and whether it is. */
final class Exposures {

  private Exposures() {}

  static Optional<Exposure> of(Http http) {
    return Optional.ofNullable(http.getHostnames())
        .filter(hostnames -> !hostnames.isEmpty())
        .map(hostnames ->
            new Exposure(
                hostnames,
                by(http),
                Optional.ofNullable(http.getTls())
                    .map(tls -> new Exposure.Tls(Optional.ofNullable(tls.getSecretName()))),
                new TreeMap<>(Optional.ofNullable(http.getAnnotations()).orElseGet(TreeMap::new))));
  }

  private static Exposure.By by(Http http) {
    return Optional.ofNullable(http.getParentRefs())
        .<Exposure.By>map(
            parents -> new Exposure.ByGateway(parents.stream().map(Exposures::parent).toList()))
        .orElseGet(() -> new Exposure.ByIngress(Optional.ofNullable(http.getIngressClassName())));
  }

  private static Exposure.ParentRef parent(ParentRefs parent) {
    return new Exposure.ParentRef(
        parent.getName(),
        Optional.ofNullable(parent.getNamespace()),
        Optional.ofNullable(parent.getSectionName()),
        parent.getPort() == null
            ? OptionalInt.empty()
            : OptionalInt.of(parent.getPort().intValue()));
  }

  /** Whether the app is reached as its spec asks; empty where it asks for nothing. */
  static Optional<Finding> finding(
      AppSpec spec, Outcome outcome, LiveObjects live, Applier applier) {
    return spec.http()
        .exposure()
        .map(exposure ->
            outcome
                .plan()
                .map(plan -> finding(plan, exposure, live, applier.refusal()))
                .orElseGet(Observations::notPlanned));
  }

  private static Finding finding(
      AppPlan plan, Exposure exposure, LiveObjects live, Optional<String> refusal) {
    if (!plan.servesHttp()) {
      return ExposureState.noHttpFunction();
    }
    return switch (exposure.by()) {
      case Exposure.ByIngress by ->
          refusal
              .map(message -> ExposureState.refused("Ingress", message))
              .orElseGet(() -> ExposureState.of(exposure, ingress(plan.spec().id(), live)));
      case Exposure.ByGateway by ->
          live.isServed(HTTPRoute.class)
              ? refusal
                  .map(message -> ExposureState.refused("HTTPRoute", message))
                  .orElseGet(() ->
                      ExposureState.of(plan.spec().id(), by, httpRoute(plan.spec().id(), live)))
              : ExposureState.gatewayApiNotInstalled();
    };
  }

  private static Optional<Ingress> ingress(AppId app, LiveObjects live) {
    return live.find(Ingress.class, Ingresses.name(app));
  }

  private static Optional<HTTPRoute> httpRoute(AppId app, LiveObjects live) {
    return live.find(HTTPRoute.class, HttpRoutes.name(app));
  }
}
