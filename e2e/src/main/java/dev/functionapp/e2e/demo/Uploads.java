package dev.functionapp.e2e.demo;

import dev.functionapp.e2e.app.ServiceProxy;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Sends photos, a few at a time, each until it is acknowledged. */
final class Uploads {

  private static final int AT_A_TIME = 16;
  private static final int ATTEMPTS = 12;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final ServiceProxy http;
  private final Map<String, Photo> acknowledged = new ConcurrentHashMap<>();
  private final Map<String, String> failed = new ConcurrentHashMap<>();
  private final AtomicInteger retries = new AtomicInteger();
  private final AtomicReference<Instant> firstAcknowledged = new AtomicReference<>();

  Uploads(ServiceProxy http) {
    this.http = http;
  }

  /** Sends all and waits until each is acknowledged or given up. */
  void send(Map<String, Photo> photos) throws InterruptedException {
    try (ExecutorService workers = Executors.newFixedThreadPool(AT_A_TIME, Thread.ofVirtual().factory())) {
      photos.forEach((id, photo) -> workers.submit(() -> send(id, photo)));
      workers.shutdown();
      workers.awaitTermination(10, TimeUnit.MINUTES);
    }
  }

  private void send(String id, Photo photo) {
    Duration pause = FIRST_PAUSE;
    String trouble = "";
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        ServiceProxy.Answer answer = http.post("/api/photos/" + id, photo.contentType(), photo.content());
        if (answer.status() < 300) {
          firstAcknowledged.compareAndSet(null, Instant.now());
          acknowledged.put(id, photo);
          return;
        }
        trouble = answer.status() + " " + answer.text();
        if (answer.status() < 500 && answer.status() != 429) {
          break;
        }
      } catch (IOException e) {
        trouble = e.getMessage();
      }
      retries.incrementAndGet();
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
      pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
    }
    failed.put(id, trouble);
  }

  /** What the app has said it has, by id. */
  Map<String, Photo> acknowledged() {
    return acknowledged;
  }

  /** What could not be sent, with the last answer. */
  Map<String, String> failed() {
    return failed;
  }

  int retries() {
    return retries.get();
  }

  Optional<Instant> firstAcknowledged() {
    return Optional.ofNullable(firstAcknowledged.get());
  }
}
