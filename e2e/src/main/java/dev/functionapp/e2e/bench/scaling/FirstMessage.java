package dev.functionapp.e2e.bench.scaling;

import dev.functionapp.e2e.bench.scaling.ScalingBench.Bench;
import dev.functionapp.e2e.install.Namespaces;
import dev.functionapp.e2e.plot.Bars;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** From a message for a group that sleeps to the first line of its function, and what takes the time in between. */
final class FirstMessage implements ScalingBench.Part {

  private static final int REPETITIONS = Integer.getInteger("repetitions", 12);
  private static final int POLLING_SECONDS = 5;
  private static final int GOAL_SECONDS = POLLING_SECONDS + 3;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private static final List<Bars.Kind> KINDS =
      List.of(
          new Bars.Kind("polling", "#1f77b4"),
          new Bars.Kind("scheduling", "#9467bd"),
          new Bars.Kind("container start", "#ff7f0e"),
          new Bars.Kind("worker start", "#2ca02c"),
          new Bars.Kind("message", "#d62728"));

  /**
   * The moments of one start.
   *
   * @param scaled when the Deployment was asked for a replica
   * @param scheduled when its pod had a node
   * @param started the worker's first log record
   * @param ready when the worker said that it is
   * @param result when the function ran
   */
  private record Start(Instant sent, Instant scaled, Instant scheduled, Instant started, Instant ready, Instant result) {

    List<Double> parts() {
      return List.of(seconds(sent, scaled), seconds(scaled, scheduled), seconds(scheduled, started), seconds(started, ready), seconds(ready, result));
    }

    double total() {
      return seconds(sent, result);
    }

    private static double seconds(Instant from, Instant until) {
      return Math.max(0, Duration.between(from, until).toMillis() / 1000.0);
    }
  }

  @Override
  public String name() {
    return "start";
  }

  @Override
  public void run(Bench bench) throws Exception {
    KubernetesClient client = bench.cluster().client();
    String namespace = Namespaces.fresh(client, "bench-start");
    Map<String, Object> scaling = Map.of("pollingInterval", POLLING_SECONDS + "s", "cooldownPeriod", "5s");
    BenchApp app = BenchApp.deploy(client, namespace, "start", Map.of("maxPollingInterval", "00:00:01"), Map.of("scaling", scaling));
    bench.storage().createQueue(app.queue());
    List<Start> starts = new ArrayList<>();
    for (int repetition = 0; repetition < REPETITIONS; repetition++) {
      app.awaitAsleep(LIMIT);
      // So that messages come at all phases of the polling.
      Thread.sleep(POLLING_SECONDS * 1000L * repetition / REPETITIONS);
      Start start = start(bench, app, repetition);
      bench.say("%d/%d: %.1f s, of these %s", repetition + 1, REPETITIONS, start.total(), start.parts());
      starts.add(start);
    }
    for (int kind = 0; kind < KINDS.size(); kind++) {
      int index = kind;
      List<Double> each = starts.stream().map(start -> start.parts().get(index)).toList();
      bench.results().figure("start-" + KINDS.get(kind).name().replace(' ', '-') + "-p50", "s", Percentile.of(each, 0.5), Map.of());
    }
    List<Double> totals = starts.stream().map(Start::total).toList();
    bench.results().figure("start-p50", "s", Percentile.of(totals, 0.5), Map.of());
    bench.results().figure("start-p95", "s", Percentile.of(totals, 0.95), Map.of("goal", (double) GOAL_SECONDS));
    List<Bars.Bar> bars = new ArrayList<>();
    for (Start start : starts) {
      bars.add(new Bars.Bar(String.valueOf(bars.size() + 1), start.parts()));
    }
    bench.draw("start", Bars.svg(KINDS, bars));
    client.namespaces().withName(namespace).delete();
  }

  private static Start start(Bench bench, BenchApp app, int id) {
    AtomicReference<Instant> scaled = new AtomicReference<>();
    AtomicReference<Instant> scheduled = new AtomicReference<>();
    AtomicReference<String> pod = new AtomicReference<>();
    var deployments = app.client().apps().deployments().inNamespace(app.app().namespace()).withName(app.deployment());
    var pods = app.client().pods().inNamespace(app.app().namespace()).withLabel("functionapp.dev/group", app.deployment());
    try (var watchedDeployment = deployments.inform(told(FirstMessage::hasReplica, seen -> note(scaled)));
        var watchedPods = pods.inform(told(FirstMessage::hasNode, seen -> {
          pod.set(seen.getMetadata().getName());
          note(scheduled);
        }))) {
      Instant sent = Instant.now();
      bench.storage().send(app.queue(), BenchApp.message(id, 0));
      app.await("the result", LIMIT, () -> bench.storage().blobs(app.queue(), String.valueOf(id)).contains(String.valueOf(id)));
      String result = new String(bench.storage().download(app.queue(), String.valueOf(id)), StandardCharsets.UTF_8);
      String log = app.client().pods().inNamespace(app.app().namespace()).withName(pod.get()).inContainer("worker").usingTimestamps().getLog();
      return new Start(sent, scaled.get(), scheduled.get(), written(log, ""), written(log, "\"ready: "), OffsetDateTime.parse(result).toInstant());
    }
  }

  private static void note(AtomicReference<Instant> moment) {
    moment.compareAndSet(null, Instant.now());
  }

  private static boolean hasReplica(Deployment deployment) {
    return deployment.getSpec().getReplicas() > 0;
  }

  private static boolean hasNode(Pod pod) {
    return pod.getSpec().getNodeName() != null;
  }

  /** When the container wrote the first line with a text. */
  private static Instant written(String log, String text) {
    String line = log.lines().filter(candidate -> candidate.contains(text)).findFirst().orElseThrow(() -> new IllegalStateException("no line with " + text + " in " + log));
    return OffsetDateTime.parse(line.substring(0, line.indexOf(' '))).toInstant();
  }

  private static <T> ResourceEventHandler<T> told(Predicate<T> wanted, Consumer<T> then) {
    return new ResourceEventHandler<>() {
      @Override
      public void onAdd(T seen) {
        if (wanted.test(seen)) {
          then.accept(seen);
        }
      }

      @Override
      public void onUpdate(T before, T seen) {
        onAdd(seen);
      }

      @Override
      public void onDelete(T seen, boolean unknown) {}
    };
  }
}
