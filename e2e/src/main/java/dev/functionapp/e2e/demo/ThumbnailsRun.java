package dev.functionapp.e2e.demo;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.app.ServiceProxy;
import dev.functionapp.e2e.progress.Ticker;
import dev.functionapp.e2e.storage.AppStorage;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * One run of the example app {@code thumbnails}: photos are sent, each under an id of its own, and what comes of them is
 * watched until every thumbnail is there.
 */
public final class ThumbnailsRun implements AutoCloseable {

  /** The scale group that makes thumbnails. */
  public static final String GROUP = "queue-resize";

  private static final String QUEUE = "photos";
  private static final String POISON = QUEUE + "-poison";
  private static final String CONTAINER = "thumbnails";
  private static final Duration SAMPLING = Duration.ofMillis(500);

  private final FunctionApp app;
  private final AppStorage storage;
  private final Map<String, Photo> photos = new LinkedHashMap<>();
  private final String prefix = Long.toString(System.currentTimeMillis(), 36) + "-";
  private final Uploads uploads;
  private final Instant start = Instant.now();
  private final List<Sample> samples = new CopyOnWriteArrayList<>();
  private final Ticker sampler;
  private final int poisonedBefore;
  private volatile Instant firstResult;

  /**
   * Begins to watch; nothing is sent yet.
   *
   * @param view told of each sample
   */
  public ThumbnailsRun(FunctionApp app, AppStorage storage, List<Photo> choice, int count, Consumer<Sample> view) {
    this.app = app;
    this.storage = storage;
    this.uploads = new Uploads(app.http());
    for (int i = 0; i < count; i++) {
      photos.put(prefix + "%04d".formatted(i), choice.get(i % choice.size()));
    }
    this.poisonedBefore = storage.queueLength(POISON);
    this.sampler = Ticker.every(SAMPLING, () -> {
      Sample sample = sample();
      samples.add(sample);
      view.accept(sample);
    });
  }

  /** Sends all photos; returns when each is acknowledged or given up. */
  public void send() throws InterruptedException {
    uploads.send(photos);
  }

  /** Waits until every photo that was acknowledged has its thumbnail, or the time is up. */
  public void awaitThumbnails(Duration limit) {
    within(limit, () -> processed() == uploads.acknowledged().size());
  }

  /** Waits until there is some work done and some left, as a moment to disturb it. */
  public void awaitMidway(Duration limit) {
    Awaitility.await("some thumbnails made, some to make")
        .atMost(limit)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> processed() >= photos.size() / 10);
  }

  /** Waits until the group that makes thumbnails has no replica, or the time is up. */
  public void awaitAsleep(Duration limit) {
    within(limit, () -> app.replicas(GROUP) == 0 && !samples.isEmpty() && samples.getLast().replicas().getOrDefault(GROUP, 0) == 0);
  }

  private static void within(Duration limit, Callable<Boolean> condition) {
    try {
      Awaitility.await().atMost(limit).pollInterval(SAMPLING).ignoreExceptions().until(condition);
    } catch (ConditionTimeoutException e) {
      // What is missing then is counted.
    }
  }

  /** Gets every thumbnail from the app and decodes it. Returns what is wrong, by id; empty when all is well. */
  public Map<String, String> check() {
    Map<String, String> wrong = new TreeMap<>(uploads.failed());
    ServiceProxy http = app.http();
    uploads.acknowledged().forEach((id, photo) -> {
      try {
        ServiceProxy.Answer answer = http.get("/api/thumbnails/" + id);
        if (answer.status() != 200) {
          throw new IOException("GET answers " + answer.status() + ": " + answer.text());
        }
        photo.checkThumbnail(answer.body());
      } catch (IOException e) {
        wrong.put(id, e.getMessage());
      }
    });
    return wrong;
  }

  public int sent() {
    return uploads.acknowledged().size();
  }

  boolean isAcknowledged(String id) {
    return uploads.acknowledged().containsKey(id);
  }

  int retries() {
    return uploads.retries();
  }

  /** Thumbnails of this run that there are. */
  public int processed() {
    int processed = storage.blobs(CONTAINER, prefix).size();
    if (processed > 0 && firstResult == null) {
      firstResult = Instant.now();
    }
    return processed;
  }

  /** Messages that were given up after too many tries since the run began. */
  public int poisoned() {
    return storage.queueLength(POISON) - poisonedBefore;
  }

  /** From the first acknowledged photo to the first thumbnail. */
  public Optional<Duration> firstResultAfter() {
    return uploads.firstAcknowledged().filter(sent -> firstResult != null).map(sent -> Duration.between(sent, firstResult));
  }

  public List<Sample> samples() {
    return new ArrayList<>(samples);
  }

  /** The most replicas that were seen of the group that makes thumbnails. */
  public int mostReplicas() {
    return samples.stream().mapToInt(sample -> sample.replicas().getOrDefault(GROUP, 0)).max().orElse(0);
  }

  private Sample sample() {
    double seconds = Duration.between(start, Instant.now()).toMillis() / 1000.0;
    return new Sample(
        seconds,
        photos.size(),
        sent(),
        uploads.retries(),
        processed(),
        storage.queueLength(QUEUE),
        storage.oldestMessageAge(QUEUE).map(age -> age.toMillis() / 1000.0).orElse(0.0),
        app.replicas());
  }

  /** Ends the watching; what was seen stays. */
  @Override
  public void close() {
    sampler.close();
  }
}
