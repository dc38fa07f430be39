package dev.functionapp.e2e.app;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A FunctionApp in the cluster, seen through the Kubernetes API alone. */
public final class FunctionApp {

  private static final String API_VERSION = "functionapp.dev/v1alpha1";
  private static final String KIND = "FunctionApp";
  private static final String APP_LABEL = "functionapp.dev/app";
  private static final String GROUP_LABEL = "functionapp.dev/group";
  private static final String PURPOSE = "functionapp.dev/purpose";

  private final KubernetesClient client;
  private final String namespace;
  private final String name;

  public FunctionApp(KubernetesClient client, String namespace, String name) {
    this.client = client;
    this.namespace = namespace;
    this.name = name;
  }

  public String name() {
    return name;
  }

  public String namespace() {
    return namespace;
  }

  /** The object itself. */
  public Resource<GenericKubernetesResource> resource() {
    return client.genericKubernetesResources(API_VERSION, KIND).inNamespace(namespace).withName(name);
  }

  /** Makes it, or brings its spec to this one. */
  public void apply(Map<String, Object> spec) {
    GenericKubernetesResource object = new GenericKubernetesResource();
    object.setApiVersion(API_VERSION);
    object.setKind(KIND);
    object.setMetadata(new ObjectMetaBuilder().withName(name).withNamespace(namespace).build());
    object.setAdditionalProperty("spec", spec);
    client.genericKubernetesResources(API_VERSION, KIND).resource(object).forceConflicts().serverSideApply();
  }

  /** The status; an empty one while there is none, or no app. */
  public Status status() {
    GenericKubernetesResource app = resource().get();
    Object status = app == null ? Map.of() : app.getAdditionalProperties().getOrDefault("status", Map.of());
    return client.getKubernetesSerialization().convertValue(status, Status.class);
  }

  /** Whether the status speaks of the spec as it is now, and that spec is ready. */
  public boolean isReady() {
    long generation = resource().require().getMetadata().getGeneration();
    Status.Condition ready = status().condition("Ready");
    return ready.isTrue() && ready.observedGeneration() != null && ready.observedGeneration() == generation;
  }

  /** For people: what the conditions say is still to come. */
  public String progress() {
    Status.Condition ready = status().condition("Ready");
    return ready.reason().isEmpty() ? "waiting for the operator" : ready.reason() + ": " + ready.message();
  }

  /** The Deployments by the names of their scale groups. */
  public Map<String, Deployment> deployments() {
    Map<String, Deployment> deployments = new TreeMap<>();
    client.apps().deployments().inNamespace(namespace).withLabel(APP_LABEL, name).list().getItems()
        .forEach(deployment -> deployments.put(deployment.getMetadata().getAnnotations().get(PURPOSE), deployment));
    return deployments;
  }

  /** The replicas that each scale group is asked to have. */
  public Map<String, Integer> replicas() {
    Map<String, Integer> replicas = new TreeMap<>();
    deployments().forEach((group, deployment) -> replicas.put(group, deployment.getSpec().getReplicas()));
    return replicas;
  }

  /** The replicas that a scale group is asked to have; 0 while it has no Deployment. */
  public int replicas(String group) {
    return replicas().getOrDefault(group, 0);
  }

  /** The pods of a scale group that are not on their way out. */
  public List<Pod> pods(String group) {
    Deployment deployment = deployments().get(group);
    if (deployment == null) {
      return List.of();
    }
    return client.pods().inNamespace(namespace).withLabel(GROUP_LABEL, deployment.getMetadata().getName()).list().getItems().stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .toList();
  }

  /** The Jobs that prepared its revisions and are still there, the newest last. */
  public List<Job> jobs() {
    return client.batch().v1().jobs().inNamespace(namespace).withLabel(APP_LABEL, name).list().getItems().stream()
        .sorted(Comparator.comparing(job -> job.getMetadata().getCreationTimestamp()))
        .toList();
  }

  /** What the last Job's build step said. */
  public String buildLog() {
    String job = jobs().getLast().getMetadata().getName();
    Pod pod = client.pods().inNamespace(namespace).withLabel("batch.kubernetes.io/job-name", job).list().getItems().getFirst();
    return client.pods().inNamespace(namespace).withName(pod.getMetadata().getName()).inContainer("build").getLog();
  }

  /** The Secret with the keys that the operator made. */
  public Secret keys() {
    return client.secrets().inNamespace(namespace).withLabel(APP_LABEL, name).withLabel("app.kubernetes.io/component", "keys").list().getItems().getFirst();
  }

  /** The key of these that opens every function but those for administrators. */
  public String functionKey() {
    return new String(Base64.getDecoder().decode(keys().getData().get("host.function.default")), StandardCharsets.UTF_8);
  }

  /** Its HTTP functions, reached through its Service. */
  public ServiceProxy http() {
    return new ServiceProxy(client, namespace, name);
  }
}
