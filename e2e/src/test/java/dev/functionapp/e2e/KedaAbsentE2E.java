package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.app.Status;
import dev.functionapp.e2e.support.AppManifest;
import dev.functionapp.e2e.support.E2E;
import dev.functionapp.e2e.support.Environment;
import dev.functionapp.e2e.support.TestNamespace;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

@E2E(keda = false)
class KedaAbsentE2E {

  private final Environment environment;
  private final TestNamespace namespace;

  KedaAbsentE2E(Environment environment, TestNamespace namespace) {
    this.environment = environment;
    this.namespace = namespace;
  }

  @Test
  void appsRunWithoutKedaAndScaleAsSoonAsItIsThere() {
    String queue = namespace.unique("work");
    FunctionApp app = namespace.apply(AppManifest.named("both").echo().setting("GREETING", "hello").worker("work", queue, queue));

    Status.Condition scaling = namespace.awaitFalse(app, "ScalingReady", "KedaNotInstalled");
    assertThat(scaling.message()).contains("KEDA is not installed").contains("https://keda.sh");
    namespace.awaitAnswer(app, "/api/env/GREETING", "hello");
    environment.storage().send(queue, "{\"id\": \"without\"}");
    namespace.await("the message to be processed", Duration.ofMinutes(1), () -> environment.storage().blobs(queue, "without").size() == 1);
    assertThat(app.replicas("queue-work")).as("replicas that nobody scales").isOne();

    Set<String> operatorPods = runningOperators();
    environment.keda().install();

    namespace.awaitCondition(app, "ScalingReady", Status.Condition::isTrue);
    namespace.await("the queue group to sleep", Duration.ofMinutes(2), () -> app.replicas("queue-work") == 0);
    environment.storage().send(queue, "{\"id\": \"with\"}");
    namespace.await("the message to wake it", Duration.ofMinutes(1), () -> environment.storage().blobs(queue, "with").size() == 1);
    assertThat(runningOperators()).as("operator pods, with their restarts").isEqualTo(operatorPods);
  }

  private Set<String> runningOperators() {
    return environment.operatorPods().stream()
        .map(pod -> pod.getMetadata().getName() + " " + pod.getStatus().getContainerStatuses().getFirst().getRestartCount())
        .collect(Collectors.toSet());
  }
}
