package dev.functionapp.operator.resources;

import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.Exposure;
import io.fabric8.kubernetes.api.model.networking.v1.HTTPIngressPathBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IngressTLS;

/** Asks an Ingress controller to bring requests to an app. */
public final class Ingresses {

  private Ingresses() {}

  public static String name(AppId app) {
    return Names.of(app.name(), HttpRoutes.PURPOSE);
  }

  /** Every path of every hostname goes to the app's Service. */
  public static Ingress ingress(AppId app, Exposure exposure, Exposure.ByIngress by) {
    return new IngressBuilder()
        .withMetadata(
            ObjectMetadata.of(app, HttpRoutes.PURPOSE, Labels.Component.ROUTE)
                .addToAnnotations(exposure.annotations())
                .build())
        .withNewSpec()
        .withIngressClassName(by.className().orElse(null))
        .withTls(exposure.tls().stream().map(tls -> tls(exposure, tls)).toList())
        .withRules(exposure.hostnames().stream().map(hostname -> rule(app, hostname)).toList())
        .endSpec()
        .build();
  }

  private static IngressTLS tls(Exposure exposure, Exposure.Tls tls) {
    return new IngressTLS(exposure.hostnames(), tls.secretName().orElse(null));
  }

  private static IngressRule rule(AppId app, String hostname) {
    return new IngressRuleBuilder()
        .withHost(hostname)
        .withNewHttp()
        .withPaths(
            new HTTPIngressPathBuilder()
                .withPath("/")
                .withPathType("Prefix")
                .withNewBackend()
                .withNewService()
                .withName(app.name())
                .withNewPort(null, Services.PORT)
                .endService()
                .endBackend()
                .build())
        .endHttp()
        .build();
  }
}
