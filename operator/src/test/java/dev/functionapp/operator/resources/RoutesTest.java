package dev.functionapp.operator.resources;

import static dev.functionapp.operator.TestApps.ID;
import static dev.functionapp.operator.TestApps.exposed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.plan.Exposure;
import dev.functionapp.operator.plan.Exposure.ParentRef;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("An app is reached from outside the cluster")
class RoutesTest {

  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  @Test
  void anIngressBringsEveryPathOfEveryHostname() {
    var byShop = new Exposure.ByIngress(Optional.of("shop"));
    var annotations = new TreeMap<>(Map.of("cert-manager.io/cluster-issuer", "letsencrypt"));
    var exposure =
        new Exposure(
            List.of("shop.example", "*.shop.example"),
            byShop,
            Optional.of(new Exposure.Tls(Optional.of("shop-tls"))),
            annotations);

    var ingress = Ingresses.ingress(ID, exposure, byShop);

    assertThat(ingress.getMetadata().getAnnotations()).containsAllEntriesOf(annotations);
    assertThat(YAML.asYaml(ingress.getSpec()))
        .isEqualTo(
            """
            ---
            ingressClassName: "shop"
            rules:
            - host: "shop.example"
              http:
                paths:
                - backend:
                    service:
                      name: "orders"
                      port:
                        number: 80
                  path: "/"
                  pathType: "Prefix"
            - host: "*.shop.example"
              http:
                paths:
                - backend:
                    service:
                      name: "orders"
                      port:
                        number: 80
                  path: "/"
                  pathType: "Prefix"
            tls:
            - hosts:
              - "shop.example"
              - "*.shop.example"
              secretName: "shop-tls"
            """);
  }

  @Test
  void anIngressLeavesItsClassAndItsCertificateToTheCluster() {
    var byDefault = new Exposure.ByIngress(Optional.empty());
    var withoutSecret =
        new Exposure(
            List.of("shop.example"),
            byDefault,
            Optional.of(new Exposure.Tls(Optional.empty())),
            new TreeMap<>());
    var withoutTls =
        new Exposure(List.of("shop.example"), byDefault, Optional.empty(), new TreeMap<>());

    var spec = Ingresses.ingress(ID, withoutSecret, byDefault).getSpec();

    assertThat(spec.getIngressClassName()).isNull();
    assertThat(spec.getTls())
        .singleElement()
        .satisfies(tls -> {
          assertThat(tls.getHosts()).containsExactly("shop.example");
          assertThat(tls.getSecretName()).isNull();
        });
    assertThat(Ingresses.ingress(ID, withoutTls, byDefault).getSpec().getTls()).isEmpty();
  }

  @Test
  void anHttpRouteNamesItsGatewaysAndTheirListeners() {
    var byGateways =
        new Exposure.ByGateway(
            List.of(
                new ParentRef(
                    "public", Optional.of("gateways"), Optional.of("https"), OptionalInt.of(8443)),
                new ParentRef(
                    "internal", Optional.empty(), Optional.empty(), OptionalInt.empty())));

    var route = HttpRoutes.httpRoute(ID, exposed("shop.example"), byGateways);

    assertThat(YAML.asYaml(route.getSpec()))
        .isEqualTo(
            """
            ---
            hostnames:
            - "shop.example"
            parentRefs:
            - kind: "Gateway"
              group: "gateway.networking.k8s.io"
              name: "public"
              namespace: "gateways"
              port: 8443
              sectionName: "https"
            - kind: "Gateway"
              group: "gateway.networking.k8s.io"
              name: "internal"
            rules:
            - backendRefs:
              - kind: "Service"
                group: ""
                name: "orders"
                port: 80
                weight: 1
              matches:
              - path:
                  type: "PathPrefix"
                  value: "/"
            """);
  }
}
