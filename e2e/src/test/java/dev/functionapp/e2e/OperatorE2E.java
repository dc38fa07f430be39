package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.install.OperatorChart;
import dev.functionapp.e2e.support.AppManifest;
import dev.functionapp.e2e.support.E2E;
import dev.functionapp.e2e.support.Environment;
import dev.functionapp.e2e.support.TestNamespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** The operator's own life. Last, because it takes the operator away. */
@E2E
@Order(Integer.MAX_VALUE)
class OperatorE2E {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Environment environment;
  private final TestNamespace namespace;

  OperatorE2E(Environment environment, TestNamespace namespace) {
    this.environment = environment;
    this.namespace = namespace;
  }

  @Test
  void anotherReplicaTakesOverWhenTheLeaderIsKilled() {
    assertThat(environment.operatorPods()).hasSize(2);
    Pod leader = leader();

    environment.client().resource(leader).withGracePeriod(0).delete();

    namespace.ready(AppManifest.named("under-new-lead").echo());
    assertThat(leader().getMetadata().getName()).isNotEqualTo(leader.getMetadata().getName());
  }

  @Test
  void healthAndMetricsAreServed() {
    namespace.ready(AppManifest.named("measured").echo());
    for (Pod pod : environment.operatorPods()) {
      environment.management(pod, "/livez");
      environment.management(pod, "/readyz");
    }
    assertThat(environment.management(leader(), "/metrics")).contains("operator_sdk_reconciliations").contains("jvm_memory_used_bytes");
  }

  @Test
  void logRecordsAreJsonAndNameTheApp() throws JsonProcessingException {
    namespace.ready(AppManifest.named("logged").echo());

    String log = environment.client().pods().resource(leader()).getLog();
    boolean named = false;
    for (String line : log.lines().toList()) {
      JsonNode record = JSON.readTree(line);
      named |= record.findValuesAsText("app").contains("logged") || record.findValuesAsText("app").contains(namespace.name() + "/logged");
    }
    assertThat(named).as("a record of the app").isTrue();
  }

  @Test
  void upgradeKeepsKeysAndApps() {
    FunctionApp app = namespace.ready(AppManifest.named("upgraded").echo().setting("KEPT", "yes"));
    Map<String, String> keys = azuriteKeys().getData();
    String revision = app.status().latestReadyRevision();

    environment.chart().apply("--set", "logLevel=DEBUG");

    assertThat(azuriteKeys().getData()).isEqualTo(keys);
    assertThat(app.status().latestReadyRevision()).isEqualTo(revision);
    namespace.awaitAnswer(app, "/api/env/KEPT", "yes");
    assertThat(environment.chart().test()).contains("Phase:").contains("Succeeded");
  }

  @Test
  void uninstallKeepsTheDefinitionAndTheApps() {
    FunctionApp app = namespace.ready(AppManifest.named("orphaned").echo().setting("STILL", "here"));

    environment.chart().uninstall();
    try {
      assertThat(environment.chart().isDefined()).isTrue();
      assertThat(app.resource().get()).isNotNull();
      namespace.await("the operator to be gone", Duration.ofMinutes(1), () -> environment.operatorPods().isEmpty());
      namespace.awaitAnswer(app, "/api/env/STILL", "here");
    } finally {
      environment.chart().apply();
    }
    namespace.ready(AppManifest.named("after-return").echo());
  }

  private Pod leader() {
    List<String> holders =
        environment.client().leases().inNamespace(OperatorChart.NAMESPACE).list().getItems().stream()
            .map(lease -> lease.getSpec().getHolderIdentity())
            .toList();
    return environment.operatorPods().stream()
        .filter(pod -> holders.stream().anyMatch(holder -> holder != null && holder.contains(pod.getMetadata().getName())))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no operator pod leads; leases are held by " + holders));
  }

  private Secret azuriteKeys() {
    return environment.client().secrets().inNamespace(OperatorChart.NAMESPACE).withName(OperatorChart.azurite()).require();
  }
}
