package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.packages.PackageStoreException;
import dev.functionapp.operator.packages.StoreCleaner;
import dev.functionapp.v1alpha1.FunctionApp;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Cleans up, every hour and in the leader alone, behind apps that are gone. */
final class StoreSweep implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(StoreSweep.class);
  private static final Duration INTERVAL = Duration.ofHours(1);

  private final StoreCleaner cleaner;
  private final KubernetesClient client;
  private final Set<String> namespaces;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("store-sweep").factory());

  /**
   * @param namespaces those that are watched; empty means all
   */
  StoreSweep(StoreCleaner cleaner, KubernetesClient client, Set<String> namespaces) {
    this.cleaner = cleaner;
    this.client = client;
    this.namespaces = namespaces;
  }

  void start() {
    long interval = INTERVAL.toMinutes();
    var unused = timer.scheduleWithFixedDelay(this::sweep, interval, interval, TimeUnit.MINUTES);
  }

  /** Sweeps once; what fails is left for the next time. */
  void sweep() {
    try {
      int deleted =
          cleaner.sweep(
              namespace -> namespaces.isEmpty() || namespaces.contains(namespace), this::exists);
      log.info("deleted {} blobs of apps that are gone, and of dependencies", deleted);
    } catch (PackageStoreException | KubernetesClientException e) {
      log.warn("could not clean up the package store: {}", e.getMessage());
    }
  }

  private boolean exists(String namespace, String app) {
    return client.resources(FunctionApp.class).inNamespace(namespace).withName(app).get() != null;
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
