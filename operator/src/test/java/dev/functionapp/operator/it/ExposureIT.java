package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.functionapp.v1alpha1.functionappstatus.Conditions;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("An Ingress or a Gateway brings HTTP from outside the cluster")
class ExposureIT {

  private static final String CODE = "{inline: {files: {function_app.py: \"%s\"}}}";
  private static final String BY_INGRESS =
      "{hostnames: [%s.example], ingressClassName: %s, tls: {secretName: shop-tls},"
          + " annotations: {cert-manager.io/cluster-issuer: letsencrypt}}";
  private static final String BY_GATEWAY =
      "{hostnames: [shop.example], parentRefs: [{name: public, namespace: gateways}], tls: {}}";

  /** What says whether it would be a hostname of the namespace's team. */
  private static final String POLICY =
      """
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingAdmissionPolicy
      metadata: {name: %1$s}
      spec:
        matchConstraints:
          namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}
          resourceRules:
            - {apiGroups: [networking.k8s.io], apiVersions: [v1], resources: [ingresses], operations: [CREATE, UPDATE]}
        validations:
          - expression: "object.spec.rules.all(rule, rule.host.endsWith('.example'))"
            message: this namespace has hostnames of .example alone
      """;

  private static final String BINDING =
      """
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingAdmissionPolicyBinding
      metadata: {name: %1$s}
      spec: {policyName: %1$s, validationActions: [Deny]}
      """;

  private static Cluster cluster;
  private static Preparer preparer;

  @BeforeAll
  static void start() {
    cluster = new Cluster();
    preparer = new Preparer(cluster);
  }

  @BeforeEach
  void gatewayApi() {
    cluster.gatewayApiInstalled.set(true);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void anIngressIsMadeFollowsItsControllerAndGoesWithTheHostnames() {
    deploy("shop", BY_INGRESS.formatted("shop", "shared"));
    cluster.awaitReason("shop", "Exposed", "NoController", 30);
    var ingress = only(Ingress.class, "shop");
    assertThat(ingress.getSpec().getIngressClassName()).isEqualTo("shared");
    assertThat(ingress.getMetadata().getAnnotations())
        .containsEntry("cert-manager.io/cluster-issuer", "letsencrypt");
    assertThat(cluster.app("shop").getStatus().getUrl()).isEqualTo("https://shop.example");

    status(ingress, "{\"loadBalancer\": {\"ingress\": [{\"ip\": \"203.0.113.7\"}]}}");
    cluster.awaitReason("shop", "Exposed", "Exposed", 30);
    assertThat(condition("shop").getMessage()).contains("203.0.113.7", "shop.example");

    cluster.apply("shop", spec("shop", BY_INGRESS.formatted("other", "shared")));
    await("another hostname")
        .atMost(30, SECONDS)
        .until(() ->
            only(Ingress.class, "shop")
                .getSpec()
                .getRules()
                .getFirst()
                .getHost()
                .equals("other.example"));

    cluster.apply("shop", "{source: %s}".formatted(CODE.formatted("shop")));
    await("no Ingress")
        .atMost(30, SECONDS)
        .until(() -> cluster.objects(Ingress.class, "shop").isEmpty());
    await("nothing is said of it")
        .atMost(30, SECONDS)
        .until(() -> cluster.condition("shop", "Exposed").isEmpty());
    assertThat(cluster.app("shop").getStatus().getUrl()).startsWith("http://shop.");
  }

  @Test
  void withoutAClassTheClusterSaysWhichAndThatStays() {
    var className = "default-of-" + cluster.namespace;
    var defaultClass =
        """
        apiVersion: networking.k8s.io/v1
        kind: IngressClass
        metadata: {name: %s, annotations: {ingressclass.kubernetes.io/is-default-class: "true"}}
        spec: {controller: example.com/it}
        """
            .formatted(className);
    // The whole cluster's: no other class has Ingresses.
    create(defaultClass);
    try {
      deploy("classless", "{hostnames: [classless.example]}");
      cluster.awaitReason("classless", "Exposed", "NoController", 30);
      assertThat(condition("classless").getMessage()).contains(className);

      assertNothingIsWritten("classless");

      assertThat(only(Ingress.class, "classless").getSpec().getIngressClassName())
          .isEqualTo(className);
    } finally {
      cluster.client.network().v1().ingressClasses().withName(className).delete();
    }
  }

  @Test
  void anHttpRouteIsMadeOnceAndFollowsItsGateway() {
    deploy("routed", BY_GATEWAY);
    cluster.awaitReason("routed", "Exposed", "NoController", 30);
    assertThat(cluster.objects(Ingress.class, "routed")).isEmpty();
    assertNothingIsWritten("routed");

    var route = only(HTTPRoute.class, "routed");
    status(route, parents("False", "NotAllowedByListeners"));
    cluster.awaitReason("routed", "Exposed", "NotAccepted", 30);
    assertThat(condition("routed").getMessage()).contains("\"public\"", "NotAllowedByListeners");
    status(route, parents("True", "Accepted"));
    cluster.awaitReason("routed", "Exposed", "Exposed", 30);

    cluster.apply("routed", spec("routed", BY_INGRESS.formatted("routed", "shared")));
    await("an Ingress in its place")
        .atMost(30, SECONDS)
        .until(() ->
            cluster.objects(HTTPRoute.class, "routed").isEmpty()
                && cluster.objects(Ingress.class, "routed").size() == 1);
  }

  @Test
  void withoutTheGatewayApiNothingElseIsAffectedAndItIsFoundWhenItComes() {
    cluster.gatewayApiInstalled.set(false);
    cluster.stopOperator();
    cluster.startOperator();
    deploy("early", BY_GATEWAY);
    cluster.awaitReason("early", "Exposed", "GatewayApiNotInstalled", 30);
    new Workloads(cluster).succeed("early", "http");
    cluster.awaitReason("early", "Ready", "Ready", 30);

    cluster.gatewayApiInstalled.set(true);

    cluster.awaitReason("early", "Exposed", "NoController", 60);
    assertThat(cluster.objects(HTTPRoute.class, "early")).hasSize(1);
  }

  @Test
  @DisplayName("A hostname that an admission policy refuses keeps nothing else from being applied")
  void aRefusedHostnameIsSaid() {
    create(POLICY.formatted(cluster.namespace));
    create(BINDING.formatted(cluster.namespace));
    try {
      await("the policy to hold").atMost(60, SECONDS).until(ExposureIT::refusesForeignHostnames);

      deploy("foreign", "{hostnames: [shop.elsewhere]}");

      cluster.awaitReason("foreign", "Exposed", "NotAccepted", 30);
      assertThat(condition("foreign").getMessage())
          .contains("this namespace has hostnames of .example alone");
      assertThat(cluster.deployment("foreign", "http")).isPresent();

      cluster.apply("foreign", spec("foreign", "{hostnames: [shop.example]}"));
      cluster.awaitReason("foreign", "Exposed", "NoController", 30);
    } finally {
      var policies = cluster.client.admissionRegistration().v1();
      policies.validatingAdmissionPolicyBindings().withName(cluster.namespace).delete();
      policies.validatingAdmissionPolicies().withName(cluster.namespace).delete();
    }
  }

  @Test
  void anAppWithoutHttpFunctionsHasNothingToExpose() {
    cluster.apply("silent", spec("silent", BY_INGRESS.formatted("silent", "shared")));
    preparer.prepare("silent", Preparer.QUEUE);

    cluster.awaitReason("silent", "Exposed", "NoHttpFunction", 30);
    assertThat(cluster.objects(Ingress.class, "silent")).isEmpty();
  }

  private static String spec(String app, String http) {
    return "{source: %s, http: %s}".formatted(CODE.formatted(app), http);
  }

  private static void deploy(String app, String http) {
    cluster.apply(app, spec(app, http));
    if (cluster.deployment(app, "http").isEmpty()) {
      preparer.prepare(app, Preparer.HTTP);
    }
    await("its Deployment")
        .atMost(30, SECONDS)
        .until(() -> cluster.deployment(app, "http").isPresent());
  }

  /** Another pass finds everything as it wants it. */
  private static void assertNothingIsWritten(String app) {
    var versions = cluster.versions(app);
    var writes = cluster.writes();
    var passes = cluster.passes();
    cluster.reconcileAt(app, "now");
    await("another pass").atMost(30, SECONDS).until(() -> cluster.passes() > passes);
    await("no write")
        .during(Duration.ofSeconds(2))
        .atMost(30, SECONDS)
        .until(() -> cluster.writes() == writes);
    versions.keySet().removeIf(name -> name.startsWith("FunctionApp/"));
    assertThat(cluster.versions(app)).containsAllEntriesOf(versions);
  }

  private static String parents(String accepted, String reason) {
    return """
    {"parents": [{"controllerName": "example.com/it", "parentRef": {"group": "gateway.networking.k8s.io",
      "kind": "Gateway", "name": "public", "namespace": "gateways"},
      "conditions": [{"type": "Accepted", "status": "%s", "reason": "%s", "message": "it says so",
        "lastTransitionTime": "2026-01-01T00:00:00Z", "observedGeneration": 1}]}]}
    """
        .formatted(accepted, reason);
  }

  private static void status(HasMetadata object, String status) {
    cluster
        .client
        .resource(object)
        .subresource("status")
        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\": %s}".formatted(status));
  }

  private static boolean refusesForeignHostnames() {
    var ingress =
        """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: probe, namespace: %s}
        spec: {rules: [{host: shop.elsewhere}]}
        """
            .formatted(cluster.namespace);
    try {
      cluster.client.resource(ingress).dryRun().create();
      return false;
    } catch (KubernetesClientException e) {
      return e.getMessage().contains("hostnames of .example alone");
    }
  }

  private static void create(String manifest) {
    cluster.client.resource(manifest).create();
  }

  private static Conditions condition(String app) {
    return cluster.condition(app, "Exposed").orElseThrow();
  }

  private static <T extends HasMetadata> T only(Class<T> kind, String app) {
    return cluster.objects(kind, app).getFirst();
  }
}
