package dev.functionapp.e2e.bench.scaling;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** ScaledObjects as people write them by hand. */
final class ScaledObjects {

  private ScaledObjects() {}

  /** One for the Deployment of its own name, with further fields of its spec. */
  static GenericKubernetesResource of(String namespace, String name, Map<String, Object> fields, List<Map<String, Object>> triggers) {
    Map<String, Object> spec = new HashMap<>(fields);
    spec.put("scaleTargetRef", Map.of("name", name));
    spec.put("triggers", triggers);
    GenericKubernetesResource object = new GenericKubernetesResource();
    object.setApiVersion("keda.sh/v1alpha1");
    object.setKind("ScaledObject");
    object.setMetadata(new ObjectMetaBuilder().withName(name).withNamespace(namespace).build());
    object.setAdditionalProperty("spec", spec);
    return object;
  }

  /** A trigger with KEDA's defaults. */
  static Map<String, Object> azureQueue(String queue, String connection) {
    return Map.of("type", "azure-queue", "metadata", Map.of("queueName", queue, "connectionFromEnv", connection));
  }
}
