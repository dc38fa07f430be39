package dev.functionapp.e2e.bench.scaling;

import dev.functionapp.e2e.install.OperatorChart;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * A scale group as the operator makes it, without an app: its queues scale it on length and, by the operator's endpoint, on age.
 * Its pods ask for a node that there is not.
 */
record SleepingGroup(String namespace, String app, List<String> queues) {

  private static final String GROUP = "queue-work";
  private static final int POLLING_SECONDS = 5;
  private static final int COOLDOWN_SECONDS = 60;
  private static final int MAX_REPLICAS = 20;

  /** The object name, as docs/architecture.md makes it. */
  String name() {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest((app + "\0" + GROUP).getBytes(StandardCharsets.UTF_8));
      return app + "-" + GROUP + "-" + HexFormat.of().formatHex(digest).substring(0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  Deployment deployment(String connectionString) {
    Map<String, Object> scaling =
        Map.of("minReplicas", 0, "maxReplicas", MAX_REPLICAS, "messageAgeSeconds", 30, "functions", Map.of("work", "queueTrigger"), "revision", "0000000000");
    Map<String, String> labels = Map.of("functionapp.dev/app", app, "functionapp.dev/group", name());
    return new DeploymentBuilder()
        .withNewMetadata()
        .withName(name())
        .withNamespace(namespace)
        .addToLabels(labels)
        .addToLabels("app.kubernetes.io/managed-by", "functionapp-operator")
        .addToLabels("app.kubernetes.io/component", "worker")
        .addToAnnotations("functionapp.dev/purpose", GROUP)
        .addToAnnotations("functionapp.dev/scaling", Serialization.asJson(scaling))
        .endMetadata()
        .withNewSpec()
        .withReplicas(0)
        .withNewSelector()
        .withMatchLabels(labels)
        .endSelector()
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(labels)
        .endMetadata()
        .withNewSpec()
        .addToNodeSelector("functionapp.dev/nowhere", "true")
        .addNewContainer()
        .withName("worker")
        .withImage("none")
        .addNewEnv()
        .withName("AzureWebJobsStorage")
        .withValue(connectionString)
        .endEnv()
        .endContainer()
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }

  GenericKubernetesResource scaledObject() {
    List<Map<String, Object>> triggers = new ArrayList<>(queues.stream().map(queue -> ScaledObjects.azureQueue(queue, "AzureWebJobsStorage")).toList());
    String endpoint = "http://%s.%s.svc:8082/scaling/%s/%s/%s".formatted(OperatorChart.RELEASE, OperatorChart.NAMESPACE, namespace, app, GROUP);
    triggers.add(Map.of("type", "metrics-api", "metadata", Map.of("url", endpoint, "valueLocation", "replicas", "targetValue", "1", "activationTargetValue", "0")));
    return ScaledObjects.of(
        namespace,
        name(),
        Map.of("pollingInterval", POLLING_SECONDS, "cooldownPeriod", COOLDOWN_SECONDS, "minReplicaCount", 0, "maxReplicaCount", MAX_REPLICAS),
        triggers);
  }
}
