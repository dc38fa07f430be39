package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.app.Status;
import dev.functionapp.e2e.install.Keda;
import dev.functionapp.e2e.install.OperatorChart;
import dev.functionapp.e2e.support.AppManifest;
import dev.functionapp.e2e.support.E2E;
import dev.functionapp.e2e.support.Environment;
import dev.functionapp.e2e.support.ReplicaWatch;
import dev.functionapp.e2e.support.TestNamespace;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What scales fails, and no message is lost nor any work cut off. */
@E2E
class ScalingFaultsE2E {

  private static final String GROUP = "queue-work";

  private final Environment environment;
  private final TestNamespace namespace;

  ScalingFaultsE2E(Environment environment, TestNamespace namespace) {
    this.environment = environment;
    this.namespace = namespace;
  }

  @Test
  void withoutTheOperatorLengthScalesOutAndScalingInWaits() {
    String queue = namespace.unique("alone");
    FunctionApp app =
        namespace.ready(
            AppManifest.named("alone").worker("work", queue, queue).scaling("maxReplicas", 3).scaling("queue", Map.of("length", 5, "messageAge", "5s")));
    assertThat(app.replicas(GROUP)).isZero();

    scale(OperatorChart.NAMESPACE, OperatorChart.RELEASE, 0);
    try (ReplicaWatch watch = new ReplicaWatch(app)) {
      namespace.await("the operator to be gone", Duration.ofMinutes(1), () -> environment.operatorPods().isEmpty());
      environment.storage().sendAll(queue, AppManifest.jobs(30, 1));
      namespace.await("3 replicas", Duration.ofMinutes(1), () -> app.replicas(GROUP) == 3);
      namespace.await("every message to be processed", Duration.ofMinutes(1), () -> environment.storage().blobs(queue, "").size() == 30);
      // Longer than the cooldown of 5 s and the autoscaler's own window. All of them may go: KEDA takes triggers whose clients it is
      // replacing after an error for ones with nothing to do.
      namespace.hold("that none is taken away alone", Duration.ofSeconds(20), () -> app.replicas(GROUP) == 3 || app.replicas(GROUP) == 0);
    } finally {
      scale(OperatorChart.NAMESPACE, OperatorChart.RELEASE, 2);
    }
    namespace.await("the group to sleep", Duration.ofMinutes(2), () -> app.replicas(GROUP) == 0);
  }

  @Test
  void withoutKedaReplicasStayAndAfterwardsScalingGoesOn() {
    String asleep = namespace.unique("asleep");
    String awake = namespace.unique("awake");
    environment.storage().createQueue(asleep);
    environment.storage().createQueue(awake);
    FunctionApp app =
        namespace.ready(
            AppManifest.named("frozen")
                .worker("asleep", asleep, asleep)
                .worker("awake", awake, awake)
                .spec("groups", List.of(Map.of("name", "queue-awake", "scaling", Map.of("minReplicas", 1)))));
    Map<String, Integer> before = Map.of("queue-asleep", 0, "queue-awake", 1);
    namespace.await("the minimum of each", Duration.ofMinutes(1), () -> app.replicas().equals(before));

    List<Deployment> keda = environment.client().apps().deployments().inNamespace(Keda.NAMESPACE).list().getItems();
    keda.forEach(deployment -> scale(Keda.NAMESPACE, deployment.getMetadata().getName(), 0));
    try {
      namespace.await("KEDA to be gone", Duration.ofMinutes(1), () -> environment.client().pods().inNamespace(Keda.NAMESPACE).list().getItems().isEmpty());
      environment.storage().send(asleep, AppManifest.job("early", 0));
      environment.storage().send(awake, AppManifest.job("early", 0));
      namespace.await("the group that is awake to work", Duration.ofMinutes(1), () -> environment.storage().blobs(awake, "").size() == 1);
      namespace.hold("replicas that nobody changes", Duration.ofSeconds(10), () -> app.replicas().equals(before));
      namespace.awaitFalse(app, "ScalingReady", "KedaUnavailable");
      Status.Condition scaling =
          namespace.awaitCondition(app, "ScalingReady", condition -> condition.message().contains("Lease") && condition.message().contains("external.metrics.k8s.io"));
      assertThat(scaling.message()).contains("replicas stay as they are", "kubectl get pods --namespace " + Keda.NAMESPACE);
      assertThat(app.replicas()).isEqualTo(before);
      assertThat(app.isReady()).isTrue();
    } finally {
      keda.forEach(deployment -> scale(Keda.NAMESPACE, deployment.getMetadata().getName(), deployment.getSpec().getReplicas()));
    }
    namespace.awaitCondition(app, "ScalingReady", Status.Condition::isTrue);
    namespace.await("the message that waited", Duration.ofMinutes(2), () -> environment.storage().blobs(asleep, "").size() == 1);
    namespace.await("the minimum of each", Duration.ofMinutes(2), () -> app.replicas().equals(before));
  }

  private void scale(String inNamespace, String deployment, int replicas) {
    environment.client().apps().deployments().inNamespace(inNamespace).withName(deployment).scale(replicas);
  }
}
