package dev.functionapp.operator.reconciler;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Cleans up, every hour and in the leader alone, behind apps that are gone. */
final class StoreSweep implements AutoCloseable {

  /** What cleans up, as {@link dev.functionapp.operator.packages.StoreCleaner#sweep} does. */
  @FunctionalInterface
  interface Cleaner {
    int sweep(Predicate<String> isWatched, BiPredicate<String, String> exists);
  }

  private static final Logger log = LoggerFactory.getLogger(StoreSweep.class);
  private static final Duration INTERVAL = Duration.ofHours(1);

  private final Cleaner cleaner;
  private final BiPredicate<String, String> exists;
  private final Set<String> namespaces;
  private final ScheduledExecutorService timer;

  /**
   * @param exists whether there is an app, by namespace and name
   * @param namespaces those that are watched; empty means all
   */
  StoreSweep(Cleaner cleaner, BiPredicate<String, String> exists, Set<String> namespaces) {
    this(
        cleaner,
        exists,
        namespaces,
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("store-sweep").factory()));
  }

  StoreSweep(
      Cleaner cleaner,
      BiPredicate<String, String> exists,
      Set<String> namespaces,
      ScheduledExecutorService timer) {
    this.cleaner = cleaner;
    this.exists = exists;
    this.namespaces = namespaces;
    this.timer = timer;
  }

  void start() {
    long interval = INTERVAL.toMinutes();
    var unused = timer.scheduleWithFixedDelay(this::sweep, interval, interval, TimeUnit.MINUTES);
  }

  /** What fails is left for the next time: the timer would end with an exception. */
  private void sweep() {
    try {
      int deleted =
          cleaner.sweep(
              namespace -> namespaces.isEmpty() || namespaces.contains(namespace), exists);
      log.info("deleted {} blobs of apps that are gone, and of dependencies", deleted);
    } catch (RuntimeException e) {
      log.warn("could not clean up the package store: {}", e.getMessage());
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
