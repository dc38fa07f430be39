package dev.functionapp.operator.reconciler;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.functionapp.operator.packages.PackageStoreException;
import dev.functionapp.operator.packages.StoreCleaner;
import dev.functionapp.operator.plan.AppId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cleans up behind an app within its pass, where nothing else decides meanwhile what it needs: when
 * a rollout has ended, and every hour for what was prepared and never rolled out.
 */
final class StoreCleaning {

  private static final Logger log = LoggerFactory.getLogger(StoreCleaning.class);
  private static final Duration INTERVAL = Duration.ofHours(1);
  private static final long MAX_REMEMBERED = 10_000;

  private final StoreCleaner cleaner;
  private final Clock clock;
  private final Instant start;
  private final Cache<String, Instant> cleaned =
      Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).build();

  StoreCleaning(StoreCleaner cleaner, Clock clock) {
    this.cleaner = cleaner;
    this.clock = clock;
    this.start = clock.instant();
  }

  /**
   * Deletes what the store holds of an app and nobody needs.
   *
   * @param used package key of each revision that is needed
   * @param occasion whether it is known that there is something
   */
  void clean(AppId app, Map<String, String> used, boolean occasion) {
    var last = cleaned.get(app.uid(), uid -> start);
    if (!occasion && clock.instant().isBefore(last.plus(INTERVAL))) {
      return;
    }
    try {
      int deleted = cleaner.keepOnly(app, used.keySet(), new HashSet<>(used.values()));
      cleaned.put(app.uid(), clock.instant());
      if (deleted > 0) {
        log.info("deleted {} blobs of revisions that are gone", deleted);
      }
    } catch (PackageStoreException e) {
      // They do no harm; there will be another occasion.
      log.warn("could not clean up the package store: {}", e.getMessage());
    }
  }
}
