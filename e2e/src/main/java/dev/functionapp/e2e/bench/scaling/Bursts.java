package dev.functionapp.e2e.bench.scaling;

import dev.functionapp.e2e.bench.scaling.ScalingBench.Bench;
import dev.functionapp.e2e.install.Namespaces;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Many messages: scaled on age, on length and on both, and by a plain ScaledObject with KEDA's defaults on a Deployment
 * of the same workers. All may have as many replicas, and begin without any.
 *
 * @param name of the part, and of its figures
 * @param targetSeconds that a message may wait
 */
record Bursts(String name, Burst.Load load, int targetSeconds) implements ScalingBench.Part {

  private static final int MAX_REPLICAS = 10;
  private static final int HUGE = 100_000;
  private static final Duration LIMIT = Duration.ofMinutes(10);

  /** A replica works on six at a time, which is also the length that a replica is there for. */
  private static final Map<String, Object> QUEUES = Map.of("batchSize", 4, "newBatchThreshold", 2, "maxPollingInterval", "00:00:01");

  @Override
  public void run(Bench bench) throws Exception {
    String namespace = Namespaces.fresh(bench.cluster().client(), "bench-" + name);
    String age = targetSeconds + "s";
    Map<String, Burst.Outcome> outcomes = new LinkedHashMap<>();
    outcomes.put("length", scaled(bench, namespace, "length", Map.of()));
    outcomes.put("age", scaled(bench, namespace, "age", Map.of("length", HUGE, "messageAge", age)));
    outcomes.put("both", scaled(bench, namespace, "both", Map.of("messageAge", age)));
    outcomes.put("keda-defaults", plain(bench, namespace));
    figure(bench, name + "-age-p95", "s", outcomes, Burst.Outcome::ageP95, Map.of("target", (double) targetSeconds));
    figure(bench, name + "-pod-seconds", "pod-s", outcomes, Burst.Outcome::podSeconds, Map.of());
    figure(bench, name + "-drain", "s", outcomes, Burst.Outcome::drainSeconds, Map.of());
    figure(bench, name + "-most-pods", "pods", outcomes, Burst.Outcome::mostPods, Map.of("maxReplicas", (double) MAX_REPLICAS));
    bench.cluster().client().namespaces().withName(namespace).delete();
  }

  /** Ours is age alone: that is what nobody else has. */
  private static void figure(
      Bench bench, String figure, String unit, Map<String, Burst.Outcome> outcomes, ToDoubleFunction<Burst.Outcome> value, Map<String, Double> goals) {
    Map<String, Double> peers = new LinkedHashMap<>(goals);
    outcomes.forEach((variant, outcome) -> peers.put(variant, value.applyAsDouble(outcome)));
    double ours = peers.remove("age");
    bench.results().figure(figure, unit, ours, peers);
  }

  private Burst.Outcome scaled(Bench bench, String namespace, String variant, Map<String, Object> queue) throws IOException {
    Map<String, Object> scaling = Map.of("maxReplicas", MAX_REPLICAS, "pollingInterval", "5s", "cooldownPeriod", "15s", "queue", queue);
    BenchApp app = BenchApp.deploy(bench.cluster().client(), namespace, name + "-" + variant, QUEUES, Map.of("scaling", scaling));
    bench.storage().createQueue(app.queue());
    app.awaitAsleep(LIMIT);
    return measured(bench, namespace, variant, app.queue(), "functionapp.dev/group", app.deployment());
  }

  private Burst.Outcome plain(Bench bench, String namespace) throws IOException {
    KubernetesClient client = bench.cluster().client();
    BenchApp app = BenchApp.deploy(client, namespace, name + "-plain", QUEUES, Map.of("stopped", true));
    bench.storage().createQueue(app.queue());
    Map<String, String> labels = Map.of("bench", "plain");
    PodTemplateSpec template =
        new PodTemplateSpecBuilder(app.app().deployments().get(BenchApp.GROUP).getSpec().getTemplate()).editMetadata().withLabels(labels).endMetadata().build();
    client
        .resource(
            new DeploymentBuilder()
                .withNewMetadata().withName("plain").withNamespace(namespace).endMetadata()
                .withNewSpec().withReplicas(0).withNewSelector().withMatchLabels(labels).endSelector().withTemplate(template).endSpec()
                .build())
        .create();
    client
        .resource(
            ScaledObjects.of(
                namespace, "plain", Map.of("maxReplicaCount", MAX_REPLICAS), List.of(ScaledObjects.azureQueue(app.queue(), "AzureWebJobsStorage"))))
        .create();
    return measured(bench, namespace, "keda-defaults", app.queue(), "bench", "plain");
  }

  private Burst.Outcome measured(Bench bench, String namespace, String variant, String queue, String label, String value) throws IOException {
    var pods = bench.cluster().client().pods().inNamespace(namespace).withLabel(label, value);
    Burst.Outcome outcome = Burst.run(bench.storage(), queue, load, () -> pods.list().getItems().size(), LIMIT);
    bench.say(
        "%s: p95 age %.1f s, drained after %.1f s, %.0f pod-seconds, %d pods at the most",
        variant, outcome.ageP95(), outcome.drainSeconds(), outcome.podSeconds(), outcome.mostPods());
    bench.draw(name + "-" + variant, outcome.drawing());
    return outcome;
  }
}
