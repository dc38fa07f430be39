package dev.functionapp.operator.packages;

import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.core.http.policy.ExponentialBackoffOptions;
import com.azure.core.http.policy.RetryOptions;
import com.azure.core.util.Context;
import com.azure.storage.blob.BlobClient;
import com.azure.storage.blob.BlobServiceClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.blob.models.BlobErrorCode;
import com.azure.storage.blob.models.BlobRange;
import com.azure.storage.blob.models.BlobStorageException;
import com.azure.storage.blob.options.BlobContainerCreateOptions;
import com.azure.storage.blob.sas.BlobServiceSasSignatureValues;
import com.azure.storage.common.sas.SasProtocol;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.Index;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import reactor.core.Exceptions;

/**
 * The blob account that holds packages, indexes and caches of dependencies. The operator alone has
 * its key; pods get grants.
 */
public final class PackageStore {

  private static final long MAX_INDEX_BYTES = 1 << 20;
  private static final long CACHED_INDEXES = 5000;
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final BlobServiceClient account;
  private final Optional<String> urlForPods;
  private final Clock clock;

  // An index never changes once it is there.
  private final Cache<String, Index> indexes =
      Caffeine.newBuilder().maximumSize(CACHED_INDEXES).build();

  /**
   * @param connectionString of the account; holds its key
   * @param urlForPods where pods reach the account's blob service, if not where the operator does
   */
  public PackageStore(String connectionString, Optional<String> urlForPods, Clock clock) {
    this.account =
        new BlobServiceClientBuilder()
            .connectionString(connectionString)
            .httpClient(new JdkHttpClientBuilder().connectionTimeout(TIMEOUT).build())
            .retryOptions(
                new RetryOptions(
                    new ExponentialBackoffOptions()
                        .setMaxRetries(1)
                        .setBaseDelay(Duration.ofMillis(200))
                        .setMaxDelay(Duration.ofSeconds(1))))
            .buildClient();
    this.urlForPods = urlForPods.map(url -> url.replaceAll("/+$", ""));
    this.clock = clock;
  }

  /**
   * The index of a revision, or empty if it was not prepared yet.
   *
   * @throws PackageStoreException where the store does not answer or holds something else than an
   *     index
   */
  public Optional<Index> index(AppId app, String revision) {
    var key = key(app.namespace(), app.name(), revision);
    var known = Optional.ofNullable(indexes.getIfPresent(key));
    if (known.isPresent()) {
      return known;
    }
    var index = read(blob(app, BlobNames.indexBlob(app, revision)), revision);
    index.ifPresent(found -> indexes.put(key, found));
    return index;
  }

  /**
   * Makes the namespace's containers where they are missing: of packages, and of dependencies.
   *
   * @throws PackageStoreException where the store does not answer
   */
  public void ensureContainers(String namespace) {
    try {
      for (var name : List.of(BlobNames.container(namespace), BlobNames.dependencies(namespace))) {
        account
            .getBlobContainerClient(name)
            .createIfNotExistsWithResponse(
                new BlobContainerCreateOptions()
                    .setMetadata(Map.of(BlobNames.NAMESPACE_METADATA, namespace)),
                TIMEOUT,
                Context.NONE);
      }
    } catch (RuntimeException e) {
      throw unavailable(e);
    }
  }

  /** Reads an app's indexes anew from now on. */
  void forget(String namespace, String app) {
    var prefix = key(namespace, app, "");
    indexes.asMap().keySet().removeIf(key -> key.startsWith(prefix));
  }

  BlobServiceClient account() {
    return account;
  }

  private static String key(String namespace, String app, String revision) {
    return namespace + "/" + app + "/" + revision;
  }

  /** Calls the store, and says in one way that it does not answer. */
  static <T> T calling(Supplier<T> call) {
    try {
      return call.get();
    } catch (PackageStoreException e) {
      throw e;
    } catch (RuntimeException e) {
      // The client reports a refused connection as an unchecked wrapper of its HTTP library's.
      throw unavailable(e);
    }
  }

  String packageUrl(AppId app, String packageKey, Access access) {
    return signedUrl(blob(app, BlobNames.packageBlob(app, packageKey)), access);
  }

  String indexUrl(AppId app, String revision, Access access) {
    return signedUrl(blob(app, BlobNames.indexBlob(app, revision)), access);
  }

  /** A URL of a container: a blob's name belongs between its path and its query. */
  String dependenciesUrl(String namespace, Access access) {
    var container = account.getBlobContainerClient(BlobNames.dependencies(namespace));
    var values = new BlobServiceSasSignatureValues(expiry(), access.ofContainer());
    return podsUrl()
        + "/"
        + container.getBlobContainerName()
        + "?"
        + container.generateSas(values.setProtocol(protocol()));
  }

  private BlobClient blob(AppId app, String name) {
    return account.getBlobContainerClient(BlobNames.container(app.namespace())).getBlobClient(name);
  }

  private String signedUrl(BlobClient blob, Access access) {
    var values = new BlobServiceSasSignatureValues(expiry(), access.ofBlob());
    return podsUrl()
        + "/"
        + blob.getContainerName()
        + "/"
        + blob.getBlobName()
        + "?"
        + blob.generateSas(values.setProtocol(protocol()));
  }

  private OffsetDateTime expiry() {
    return SasWindow.expiry(clock.instant()).atOffset(ZoneOffset.UTC);
  }

  private SasProtocol protocol() {
    return podsUrl().startsWith("https:") ? SasProtocol.HTTPS_ONLY : SasProtocol.HTTPS_HTTP;
  }

  private String podsUrl() {
    return urlForPods.orElseGet(() -> account.getAccountUrl().replaceAll("/+$", ""));
  }

  private static Optional<Index> read(BlobClient blob, String revision) {
    try {
      var content = new ByteArrayOutputStream();
      blob.downloadStreamWithResponse(
          content, new BlobRange(0, MAX_INDEX_BYTES + 1), null, null, false, TIMEOUT, Context.NONE);
      if (content.size() > MAX_INDEX_BYTES) {
        throw new PackageStoreException(
            "the index of revision " + revision + " is larger than 1 MiB", null);
      }
      return Optional.of(IndexParser.parse(content.toByteArray(), revision));
    } catch (BlobStorageException e) {
      if (BlobErrorCode.BLOB_NOT_FOUND.equals(e.getErrorCode())
          || BlobErrorCode.CONTAINER_NOT_FOUND.equals(e.getErrorCode())) {
        return Optional.empty();
      }
      throw unavailable(e);
    } catch (IOException e) {
      throw new PackageStoreException(
          "the index of revision " + revision + " is unusable: " + e.getMessage(), e);
    } catch (PackageStoreException e) {
      throw e;
    } catch (RuntimeException e) {
      // The client reports a refused connection as an unchecked wrapper of its HTTP library's.
      throw unavailable(e);
    }
  }

  private static PackageStoreException unavailable(RuntimeException e) {
    var answer =
        e instanceof BlobStorageException storage
            ? "it answered " + storage.getStatusCode() + " " + storage.getErrorCode()
            : "no answer (" + Exceptions.unwrap(e).getClass().getSimpleName() + ")";
    return new PackageStoreException("the package store is not available: " + answer, e);
  }
}
