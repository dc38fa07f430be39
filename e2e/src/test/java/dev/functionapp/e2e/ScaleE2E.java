package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.support.AppManifest;
import dev.functionapp.e2e.support.E2E;
import dev.functionapp.e2e.support.Environment;
import dev.functionapp.e2e.support.TestNamespace;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

@E2E
class ScaleE2E {

  private static final String GROUP = "queue-work";
  private static final int MESSAGES = 60;

  private final Environment environment;
  private final TestNamespace namespace;

  ScaleE2E(Environment environment, TestNamespace namespace) {
    this.environment = environment;
    this.namespace = namespace;
  }

  @Test
  void queueLengthScalesFromZeroAndBack() {
    String queue = namespace.unique("work");
    FunctionApp app =
        namespace.ready(
            AppManifest.named("scaled").worker("work", queue, queue).scaling("maxReplicas", 4).scaling("queue", Map.of("length", 5)));
    assertThat(app.replicas(GROUP)).as("replicas before the first message").isZero();
    assertThat(app.isReady()).as("ready while asleep").isTrue();

    for (int i = 0; i < MESSAGES; i++) {
      environment.storage().send(queue, "{\"id\": \"%d\", \"seconds\": 1}".formatted(i));
    }
    AtomicInteger most = new AtomicInteger();
    namespace.await("3 replicas or more", Duration.ofMinutes(1), () -> most.accumulateAndGet(app.replicas(GROUP), Math::max) >= 3);

    // A pass of the operator at this very moment must leave the field to KEDA.
    String revision = app.status().latestReadyRevision();
    namespace.kubectl("annotate", "functionapp", app.name(), "example.com/touched=now").check();
    namespace.await("every message to be processed", Duration.ofMinutes(2), () -> {
      assertThat(app.replicas(GROUP)).as("replicas while there is work").isPositive();
      return environment.storage().blobs(queue, "").size() == MESSAGES;
    });
    assertThat(app.status().latestReadyRevision()).isEqualTo(revision);
    assertThat(app.deployments().get(GROUP)).satisfies(ScaleE2E::replicasBelongToTheScaler);

    namespace.await("the group to sleep", Duration.ofMinutes(2), () -> app.replicas(GROUP) == 0 && app.pods(GROUP).isEmpty());
    assertThat(environment.storage().queueLength(queue)).isZero();
    assertThat(app.isReady()).as("ready while asleep").isTrue();
  }

  @Test
  void minReplicasKeepTheGroupAwake() {
    String queue = namespace.unique("awake");
    AppManifest manifest = AppManifest.named("awake").worker("work", queue, queue);
    FunctionApp app = namespace.ready(manifest.scaling("minReplicas", 1));
    namespace.await("one replica", Duration.ofMinutes(1), () -> app.replicas(GROUP) == 1);
    // KEDA lets nothing sleep whose queue it cannot read, and a queue is there from its first message on.
    environment.storage().send(queue, "{\"id\": \"first\", \"seconds\": 0}");

    namespace.apply(manifest.scaling("minReplicas", 0));
    namespace.await("none", Duration.ofMinutes(2), () -> app.replicas(GROUP) == 0);
  }

  private static void replicasBelongToTheScaler(Deployment deployment) {
    assertThat(deployment.getMetadata().getManagedFields())
        .filteredOn(fields -> fields.getManager().equals("functionapp-operator"))
        .isNotEmpty()
        .allSatisfy(fields -> assertThat(fields.getFieldsV1().getAdditionalProperties().get("f:spec").toString()).doesNotContain("f:replicas"));
  }
}
