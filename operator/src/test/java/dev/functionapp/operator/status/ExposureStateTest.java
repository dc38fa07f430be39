package dev.functionapp.operator.status;

import static dev.functionapp.operator.TestApps.ID;
import static dev.functionapp.operator.TestApps.exposed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.plan.Exposure;
import dev.functionapp.operator.plan.Exposure.ParentRef;
import dev.functionapp.operator.plan.Reason;
import dev.functionapp.operator.status.Finding.Verdict;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("Whether an app is reached from outside the cluster can be read")
class ExposureStateTest {

  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  private static final Exposure EXPOSURE = exposed("shop.example", "www.shop.example");

  private static final ParentRef PUBLIC = parent("public", Optional.of("gateways"));
  private static final ParentRef INTERNAL = parent("internal", Optional.empty());

  @ParameterizedTest
  @CsvSource({"ip, 203.0.113.7", "hostname, lb.example"})
  void anIngressWithAnAddressIsTakenUp(String member, String address) {
    var finding =
        ofIngress("shop", "{loadBalancer: {ingress: [{%s: %s}]}}".formatted(member, address));

    assertThat(finding.reason()).isEqualTo(Reason.Exposed);
    assertThat(finding.isOk()).isTrue();
    assertThat(finding.message()).contains(address, "shop.example, www.shop.example");
  }

  @Test
  void anIngressWithoutAnAddressNamesTheClassThatNobodyServes() {
    var finding = ofIngress("shop", "{loadBalancer: {}}");

    assertThat(finding.reason()).isEqualTo(Reason.NoController);
    assertThat(finding.message()).contains("\"shop\"", "kubectl get ingressclass");
  }

  @Test
  void anIngressWithoutAClassSaysThatTheClusterHasNoDefault() {
    var finding = ofIngress("null", "{loadBalancer: {}}");

    assertThat(finding.reason()).isEqualTo(Reason.NoController);
    assertThat(finding.message()).contains("no default", "spec.http.ingressClassName");
  }

  @Test
  void aRouteThatEveryGatewayHasAcceptedIsTakenUp() {
    var finding =
        ofRoute(said(PUBLIC, 1, "Accepted", "True"), said(INTERNAL, 1, "Accepted", "True"));

    assertThat(finding.reason()).isEqualTo(Reason.Exposed);
    assertThat(finding.message()).contains("\"public\" of the namespace \"gateways\"");
  }

  @Test
  void aGatewayThatSaysNothingIsNamed() {
    var finding = ofRoute(said(PUBLIC, 1, "Accepted", "True"));

    assertThat(finding.reason()).isEqualTo(Reason.NoController);
    assertThat(finding.message()).contains("\"internal\" of the namespace \"shop\"");
  }

  @ParameterizedTest
  @CsvSource({"Accepted", "ResolvedRefs"})
  void aGatewayThatRefusesIsQuoted(String condition) {
    var finding =
        ofRoute(said(PUBLIC, 1, condition, "False"), said(INTERNAL, 1, "Accepted", "True"));

    assertThat(finding.reason()).isEqualTo(Reason.NotAccepted);
    assertThat(finding.message()).contains("\"public\"", "NotAllowed: not this route");
  }

  @Test
  void whatWasSaidOfAnEarlierRouteIsNoAnswer() {
    var finding =
        ofRoute(said(PUBLIC, 0, "Accepted", "False"), said(INTERNAL, 1, "Accepted", "True"));

    assertThat(finding.reason()).isEqualTo(Reason.NoController);
  }

  @Test
  void aListenerIsNotItsGateway() {
    var listener =
        new ParentRef(
            "public", Optional.of("gateways"), Optional.of("https"), OptionalInt.of(8443));
    var whole = route(said(PUBLIC, 1, "Accepted", "True"));
    var itself =
        route(
            said(PUBLIC, 1, "Accepted", "True")
                .replace("name: public", "name: public, sectionName: https, port: 8443"));

    assertThat(of(listener, whole).reason()).isEqualTo(Reason.NoController);
    assertThat(of(listener, itself).reason()).isEqualTo(Reason.Exposed);
  }

  @Test
  void nothingOfItKeepsAnAppFromBeingReady() {
    assertThat(
            List.of(
                ofIngress("shop", "{}"),
                ofRoute(),
                ofRoute(said(PUBLIC, 1, "Accepted", "False")),
                ExposureState.noHttpFunction(),
                ExposureState.gatewayApiNotInstalled(),
                ExposureState.refused("Ingress", "no")))
        .extracting(Finding::verdict)
        .containsOnly(Verdict.NOTED);
  }

  private static Finding of(ParentRef parent, HTTPRoute route) {
    return ExposureState.of(ID, new Exposure.ByGateway(List.of(parent)), Optional.of(route));
  }

  private static Finding ofRoute(String... said) {
    return ExposureState.of(
        ID, new Exposure.ByGateway(List.of(PUBLIC, INTERNAL)), Optional.of(route(said)));
  }

  private static HTTPRoute route(String... said) {
    return YAML.unmarshal(
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {generation: 1}
        status: {parents: [%s]}
        """
            .formatted(String.join(", ", said)),
        HTTPRoute.class);
  }

  private static Finding ofIngress(String className, String status) {
    var ingress =
        """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        spec: {ingressClassName: %s}
        status: %s
        """
            .formatted(className, status);
    return ExposureState.of(EXPOSURE, Optional.of(YAML.unmarshal(ingress, Ingress.class)));
  }

  private static String said(
      ParentRef parent, int generation, String condition, String conditionStatus) {
    return """
    {parentRef: {name: %s, namespace: %s}, conditions: [
      {type: %s, status: "%s", observedGeneration: %d, reason: NotAllowed, message: not this route}]}
    """
        .formatted(
            parent.name(),
            parent.namespace().orElse(ID.namespace()),
            condition,
            conditionStatus,
            generation);
  }

  private static ParentRef parent(String name, Optional<String> namespace) {
    return new ParentRef(name, namespace, Optional.empty(), OptionalInt.empty());
  }
}
