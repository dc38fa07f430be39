package dev.functionapp.operator.packages;

import com.azure.core.util.Context;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.models.BlobContainerItem;
import com.azure.storage.blob.models.BlobContainerListDetails;
import com.azure.storage.blob.models.BlobErrorCode;
import com.azure.storage.blob.models.BlobItem;
import com.azure.storage.blob.models.BlobStorageException;
import com.azure.storage.blob.models.ListBlobContainersOptions;
import com.azure.storage.blob.models.ListBlobsOptions;
import dev.functionapp.operator.plan.AppId;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/** Deletes from the package store what nobody needs any more. */
public final class StoreCleaner {

  /** What an app that is gone leaves is kept for a while: it may come back under its name. */
  private static final Duration KEPT_AFTER_APP = Duration.ofDays(1);

  /** So that requirements without a version move at the latest then. */
  private static final Duration KEPT_DEPENDENCIES = Duration.ofDays(7);

  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final PackageStore store;
  private final Clock clock;

  public StoreCleaner(PackageStore store, Clock clock) {
    this.store = store;
    this.clock = clock;
  }

  /**
   * Deletes all that an app has in the store but for the indexes of these revisions and these
   * packages.
   *
   * @return how many blobs were deleted
   * @throws PackageStoreException where the store does not answer
   */
  public int keepOnly(AppId app, Set<String> revisions, Set<String> packageKeys) {
    return PackageStore.calling(() -> {
      var container = container(BlobNames.container(app.namespace()));
      // An index without its package would be taken for a revision that can run.
      int indexes =
          delete(
              container,
              BlobNames.indexes(app),
              blob -> !revisions.contains(BlobNames.key(blob.getName())));
      store.forget(app.namespace(), app.name());
      return indexes
          + delete(
              container,
              BlobNames.packages(app),
              blob -> !packageKeys.contains(BlobNames.key(blob.getName())));
    });
  }

  /**
   * Deletes what apps have left that are gone, and dependencies that have been kept for long
   * enough.
   *
   * @param isWatched whether this operator sees the apps of a namespace
   * @param exists whether there is an app, by namespace and name
   * @return how many blobs were deleted
   * @throws PackageStoreException where the store does not answer
   */
  public int sweep(Predicate<String> isWatched, BiPredicate<String, String> exists) {
    return PackageStore.calling(() -> {
      int deleted = 0;
      for (var container : containers(BlobNames.NAMESPACE_PREFIX)) {
        var namespace = namespace(container);
        if (namespace.filter(isWatched).isPresent()) {
          deleted += sweepNamespace(container(container.getName()), namespace.get(), exists);
        }
      }
      for (var container : containers(BlobNames.DEPENDENCIES_PREFIX)) {
        deleted +=
            delete(container(container.getName()), "", blob -> isOlder(blob, KEPT_DEPENDENCIES));
      }
      return deleted;
    });
  }

  private int sweepNamespace(
      BlobContainerClient container, String namespace, BiPredicate<String, String> exists) {
    var living = new HashMap<String, Boolean>();
    int deleted =
        delete(
            container,
            "",
            blob ->
                isOlder(blob, KEPT_AFTER_APP)
                    && BlobNames.app(blob.getName())
                        .filter(name ->
                            !living.computeIfAbsent(name, app -> exists.test(namespace, app)))
                        .isPresent());
    living.forEach((app, lives) -> {
      if (!lives) {
        store.forget(namespace, app);
      }
    });
    return deleted;
  }

  private int delete(BlobContainerClient container, String prefix, Predicate<BlobItem> isUnused) {
    var unused =
        container.listBlobs(new ListBlobsOptions().setPrefix(prefix), TIMEOUT).stream()
            .filter(isUnused)
            .map(BlobItem::getName)
            .toList();
    for (var name : unused) {
      try {
        container.getBlobClient(name).deleteWithResponse(null, null, TIMEOUT, Context.NONE);
      } catch (BlobStorageException e) {
        if (!BlobErrorCode.BLOB_NOT_FOUND.equals(e.getErrorCode())) {
          throw e;
        }
      }
    }
    return unused.size();
  }

  private List<BlobContainerItem> containers(String prefix) {
    var options =
        new ListBlobContainersOptions()
            .setPrefix(prefix)
            .setDetails(new BlobContainerListDetails().setRetrieveMetadata(true));
    return store.account().listBlobContainers(options, TIMEOUT).stream().toList();
  }

  private BlobContainerClient container(String name) {
    return store.account().getBlobContainerClient(name);
  }

  private static Optional<String> namespace(BlobContainerItem container) {
    return Optional.ofNullable(container.getMetadata())
        .map((Map<String, String> metadata) -> metadata.get(BlobNames.NAMESPACE_METADATA));
  }

  private boolean isOlder(BlobItem blob, Duration age) {
    return blob.getProperties().getLastModified().toInstant().isBefore(clock.instant().minus(age));
  }
}
