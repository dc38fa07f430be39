package dev.functionapp.e2e.bench.scaling;

import dev.functionapp.e2e.plot.Panels;
import dev.functionapp.e2e.plot.Panels.Panel;
import dev.functionapp.e2e.plot.Panels.Point;
import dev.functionapp.e2e.progress.Ticker;
import dev.functionapp.e2e.storage.AppStorage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntSupplier;
import java.util.function.ToDoubleFunction;
import org.awaitility.Awaitility;

/** Many messages for one queue: what became of them, and what it took. */
final class Burst {

  private static final Duration SAMPLING = Duration.ofMillis(500);
  private static final int READERS = 8;

  private final AppStorage storage;
  private final String queue;
  private final IntSupplier pods;
  private final List<Sample> samples = new CopyOnWriteArrayList<>();
  private final Instant start = Instant.now();

  private Burst(AppStorage storage, String queue, IntSupplier pods) {
    this.storage = storage;
    this.queue = queue;
    this.pods = pods;
  }

  private record Sample(double seconds, int length, double oldest, int pods) {}

  /**
   * What is sent.
   *
   * @param workSeconds that each message takes
   * @param over the time that they are spread over; all at once where it is zero
   */
  record Load(int messages, double workSeconds, Duration over) {}

  /**
   * What came of it.
   *
   * @param drainSeconds from the first message to the last result
   * @param ageP95 seconds that a message waited for its function
   * @param podSeconds of all pods, from their creation until they were gone
   */
  record Outcome(double drainSeconds, double ageP95, double podSeconds, int mostPods, String drawing) {}

  /**
   * Sends the messages and waits until all are worked on and no pod is left.
   *
   * @param pods how many there are, those on their way in and out included
   */
  static Outcome run(AppStorage storage, String queue, Load load, IntSupplier pods, Duration limit) {
    return new Burst(storage, queue, pods).run(load, limit);
  }

  private Outcome run(Load load, Duration limit) {
    int messages = load.messages();
    try (Ticker sampler = Ticker.every(SAMPLING, () -> samples.add(sample()))) {
      AtomicReferenceArray<Instant> sent = new AtomicReferenceArray<>(messages);
      storage.sendOver(load.over(), queue, messages, id -> {
        sent.set(id, Instant.now());
        return BenchApp.message(id, load.workSeconds());
      });
      Awaitility.await("all results").atMost(limit).pollInterval(SAMPLING).until(() -> storage.blobs(queue, "").size() == messages);
      double drain = seconds(Instant.now());
      Awaitility.await("no pods").atMost(limit).pollInterval(SAMPLING).until(() -> pods.getAsInt() == 0);
      sampler.close();
      return new Outcome(drain, Percentile.of(ages(sent), 0.95), podSeconds(), samples.stream().mapToInt(Sample::pods).max().orElse(0), drawing());
    }
  }

  private Sample sample() {
    double oldest = storage.oldestMessageAge(queue).map(age -> age.toMillis() / 1000.0).orElse(0.0);
    return new Sample(seconds(Instant.now()), storage.queueLength(queue), oldest, pods.getAsInt());
  }

  private double seconds(Instant moment) {
    return Duration.between(start, moment).toMillis() / 1000.0;
  }

  private List<Double> ages(AtomicReferenceArray<Instant> sent) {
    Set<String> ids = storage.blobs(queue, "");
    try (ExecutorService readers = Executors.newFixedThreadPool(READERS)) {
      return ids.stream()
          .map(id -> CompletableFuture.supplyAsync(() -> Duration.between(sent.get(Integer.parseInt(id)), began(id)).toMillis() / 1000.0, readers))
          .toList()
          .stream()
          .map(CompletableFuture::join)
          .toList();
    }
  }

  private Instant began(String id) {
    return OffsetDateTime.parse(new String(storage.download(queue, id), StandardCharsets.UTF_8)).toInstant();
  }

  private double podSeconds() {
    double sum = 0;
    for (int i = 1; i < samples.size(); i++) {
      sum += samples.get(i - 1).pods() * (samples.get(i).seconds() - samples.get(i - 1).seconds());
    }
    return sum;
  }

  private String drawing() {
    return Panels.svg(
        List.of(
            panel("queue length, messages", "#1f77b4", Sample::length),
            panel("oldest visible message, seconds", "#d62728", Sample::oldest),
            panel("pods", "#2ca02c", Sample::pods)));
  }

  private Panel panel(String title, String colour, ToDoubleFunction<Sample> value) {
    List<Point> points = new ArrayList<>();
    samples.forEach(sample -> points.add(new Point(sample.seconds(), value.applyAsDouble(sample))));
    return new Panel(title, colour, points);
  }
}
