package dev.functionapp.e2e.bench.scaling;

import dev.functionapp.e2e.bench.scaling.ScalingBench.Bench;
import dev.functionapp.e2e.install.Namespaces;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/** A thousand queues in one cluster, each with a ScaledObject of its own, and the same queues in groups of ten. No pod ever runs. */
final class ManyScaledObjects implements ScalingBench.Part {

  private static final int QUEUES = Integer.getInteger("queues", 1000);
  private static final int GROUPED = 10;
  private static final int PROBES = 20;
  private static final int CLIENTS = 8;
  private static final Duration STEADY = Duration.ofSeconds(60);
  private static final Duration LIMIT = Duration.ofMinutes(20);
  private static final Duration LOOK = Duration.ofSeconds(2);

  /**
   * What an arrangement took.
   *
   * @param readySeconds until KEDA had taken up all ScaledObjects
   * @param wakes seconds from a message to the first replica
   * @param before all were there
   * @param from the beginning of a time in which nothing but the wakes happened
   * @param until its end
   */
  private record Outcome(double readySeconds, List<Double> wakes, Usage before, Usage from, Usage until) {

    double perSecond(ToDoubleFunction<Usage> sum) {
      return (sum.applyAsDouble(until) - sum.applyAsDouble(from)) / ((until.at() - from.at()) / 1e9);
    }
  }

  private record Measure(String name, String unit, ToDoubleFunction<Outcome> value) {}

  private static final List<Measure> MEASURES =
      List.of(
          new Measure("many-ready", "s", Outcome::readySeconds),
          new Measure("many-wake-p50", "s", outcome -> Percentile.of(outcome.wakes(), 0.5)),
          new Measure("many-wake-p95", "s", outcome -> Percentile.of(outcome.wakes(), 0.95)),
          new Measure("many-keda-api-calls", "1/s", outcome -> outcome.perSecond(Usage::calls)),
          new Measure("many-keda-processor", "cores", outcome -> outcome.perSecond(usage -> usage.keda().processorSeconds())),
          new Measure("many-keda-memory", "MiB", outcome -> outcome.until().keda().mebibytes()),
          new Measure("many-operator-processor", "cores", outcome -> outcome.perSecond(usage -> usage.operator().processorSeconds())),
          new Measure("many-operator-memory-added", "MiB", outcome -> outcome.until().operator().mebibytes() - outcome.before().operator().mebibytes()));

  @Override
  public String name() {
    return "many";
  }

  @Override
  public void run(Bench bench) {
    List<String> queues = IntStream.range(0, QUEUES).mapToObj("many-%04d"::formatted).toList();
    each(queues, bench.storage()::createQueue);
    each(queues, bench.storage()::clear);
    Outcome grouped = measure(bench, "bench-groups", queues, GROUPED);
    Outcome single = measure(bench, "bench-each", queues, 1);
    MEASURES.forEach(measure ->
        bench.results().figure(measure.name(), measure.unit(), measure.value().applyAsDouble(single), Map.of("groups-of-" + GROUPED, measure.value().applyAsDouble(grouped))));
  }

  private static Outcome measure(Bench bench, String name, List<String> queues, int each) {
    KubernetesClient client = bench.cluster().client();
    String namespace = Namespaces.fresh(client, name);
    List<SleepingGroup> groups = new ArrayList<>();
    for (int i = 0; i < queues.size(); i += each) {
      groups.add(new SleepingGroup(namespace, "many-%04d".formatted(i / each), queues.subList(i, Math.min(i + each, queues.size()))));
    }
    Usage before = Usage.of(bench.cluster());
    long start = System.nanoTime();
    String connection = bench.storage().connectionString();
    each(groups, group -> {
      client.resource(group.deployment(connection)).create();
      client.resource(group.scaledObject()).create();
    });
    bench.say("%d ScaledObjects for %d queues are made", groups.size(), queues.size());
    Awaitility.await("all ScaledObjects to be ready").atMost(LIMIT).pollInterval(LOOK).until(() -> ready(client, namespace) == groups.size());
    double ready = seconds(start);
    bench.say("KEDA has taken them up after %.0f s", ready);
    Usage from = Usage.of(bench.cluster());
    List<Double> wakes = wakes(bench, namespace, groups);
    Awaitility.await("the end of the measurement").atMost(LIMIT).pollInterval(LOOK).until(() -> System.nanoTime() - from.at() >= STEADY.toNanos());
    Outcome outcome = new Outcome(ready, wakes, before, from, Usage.of(bench.cluster()));
    MEASURES.forEach(measure -> bench.say("%s: %s %.2f %s", name, measure.name(), measure.value().applyAsDouble(outcome), measure.unit()));
    each(groups, group -> client.resource(group.scaledObject()).delete());
    client.namespaces().withName(namespace).delete();
    Awaitility.await("the namespace to be gone").atMost(LIMIT).pollInterval(LOOK).until(() -> client.namespaces().withName(namespace).get() == null);
    return outcome;
  }

  /** Seconds from a message to its group's first replica, for some groups all over the cluster, all at once. */
  private static List<Double> wakes(Bench bench, String namespace, List<SleepingGroup> groups) {
    Map<String, Long> sent = new HashMap<>();
    Map<String, Double> woken = new HashMap<>();
    List<SleepingGroup> probes = IntStream.range(0, Math.min(PROBES, groups.size())).mapToObj(i -> groups.get(i * groups.size() / PROBES)).toList();
    try (var deployments = bench.cluster().client().apps().deployments().inNamespace(namespace).inform()) {
      for (SleepingGroup probe : probes) {
        sent.put(probe.name(), System.nanoTime());
        bench.storage().send(probe.queues().getLast(), "{}");
      }
      Awaitility.await("the groups to wake").atMost(LIMIT).pollInterval(Duration.ofMillis(50)).until(() -> {
        for (Deployment deployment : deployments.getStore().list()) {
          String name = deployment.getMetadata().getName();
          if (deployment.getSpec().getReplicas() > 0 && sent.containsKey(name)) {
            woken.computeIfAbsent(name, key -> seconds(sent.get(key)));
          }
        }
        return woken.size() == sent.size();
      });
    }
    probes.forEach(probe -> bench.storage().clear(probe.queues().getLast()));
    return List.copyOf(woken.values());
  }

  private static long ready(KubernetesClient client, String namespace) {
    return client.genericKubernetesResources("keda.sh/v1alpha1", "ScaledObject").inNamespace(namespace).list().getItems().stream()
        .filter(ManyScaledObjects::isReady)
        .count();
  }

  private static boolean isReady(GenericKubernetesResource scaledObject) {
    if (!(scaledObject.get("status", "conditions") instanceof Collection<?> conditions)) {
      return false;
    }
    return conditions.stream().anyMatch(condition -> condition instanceof Map<?, ?> fields && "Ready".equals(fields.get("type")) && "True".equals(fields.get("status")));
  }

  private static <T> void each(Collection<T> all, Consumer<T> work) {
    try (ExecutorService workers = Executors.newFixedThreadPool(CLIENTS)) {
      all.stream().map(one -> CompletableFuture.runAsync(() -> work.accept(one), workers)).toList().forEach(CompletableFuture::join);
    }
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }
}
