package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.resources.Labels;
import dev.functionapp.v1alpha1.FunctionApp;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.javaoperatorsdk.operator.health.Status;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.SecondaryToPrimaryMapper;
import io.javaoperatorsdk.operator.processing.event.source.informer.Mappers;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.keda.v1alpha1.ScaledObject;

/**
 * Watches ScaledObjects while KEDA is installed, and whether it is. KEDA may come and go while the
 * operator runs: every app is then looked at again.
 */
final class KedaEventSource extends AbstractEventSource<ScaledObject, FunctionApp>
    implements ResourceEventHandler<ScaledObject> {

  private static final Logger log = LoggerFactory.getLogger(KedaEventSource.class);
  private static final Duration CHECK_INTERVAL = Duration.ofSeconds(15);
  private static final Duration SYNC_TIMEOUT = Duration.ofSeconds(10);

  private final KubernetesClient client;
  private final BooleanSupplier discovery;
  private final Set<String> namespaces;
  private final IndexerResourceCache<FunctionApp> apps;
  private final SecondaryToPrimaryMapper<ScaledObject> owners =
      Mappers.fromOwnerReferences(FunctionApp.class);
  private ScheduledExecutorService checks;
  private volatile List<SharedIndexInformer<ScaledObject>> informers = List.of();

  /**
   * @param discovery asks the cluster whether KEDA is installed
   * @param namespaces those to watch; empty means all
   */
  KedaEventSource(
      KubernetesClient client,
      BooleanSupplier discovery,
      Set<String> namespaces,
      IndexerResourceCache<FunctionApp> apps) {
    super(ScaledObject.class, "keda");
    this.client = client;
    this.discovery = discovery;
    this.namespaces = namespaces;
    this.apps = apps;
  }

  /** Whether KEDA was there when it was last looked for. */
  boolean isInstalled() {
    return !informers.isEmpty();
  }

  @Override
  public Set<ScaledObject> getSecondaryResources(FunctionApp app) {
    var id = ResourceID.fromResource(app);
    return informers.stream()
        .flatMap(informer -> informer.getStore().list().stream())
        .filter(object -> owners.toPrimaryResourceIDs(object).contains(id))
        .collect(Collectors.toSet());
  }

  @Override
  public synchronized void start() {
    super.start();
    // Without an answer the operator must not start: an app would lose what scales it.
    check();
    checks =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("keda-check").factory());
    long interval = CHECK_INTERVAL.toMillis();
    var unused =
        checks.scheduleWithFixedDelay(this::checkAgain, interval, interval, TimeUnit.MILLISECONDS);
  }

  @Override
  public synchronized void stop() {
    checks.shutdownNow();
    stopInformers();
    super.stop();
  }

  @Override
  public Status getStatus() {
    return Status.HEALTHY;
  }

  @Override
  public void onAdd(ScaledObject object) {
    notifyOwners(object);
  }

  /**
   * Passes on what matters: KEDA also writes down when it last saw messages, and how often it
   * failed to look.
   */
  @Override
  public void onUpdate(ScaledObject before, ScaledObject after) {
    boolean sameSpec =
        Objects.equals(before.getMetadata().getGeneration(), after.getMetadata().getGeneration());
    if (!sameSpec
        || !before.getMetadata().getLabels().equals(after.getMetadata().getLabels())
        || !before.getMetadata().getAnnotations().equals(after.getMetadata().getAnnotations())
        || !conditions(before).equals(conditions(after))) {
      notifyOwners(after);
    }
  }

  @Override
  public void onDelete(ScaledObject object, boolean unknown) {
    notifyOwners(object);
  }

  private static String conditions(ScaledObject object) {
    if (object.getStatus() == null || object.getStatus().getConditions() == null) {
      return "";
    }
    return object.getStatus().getConditions().stream()
        .filter(condition -> condition.getType().equals("Ready"))
        .map(condition -> condition.getStatus() + condition.getReason() + condition.getMessage())
        .collect(Collectors.joining());
  }

  private synchronized void check() {
    boolean installed = discovery.getAsBoolean();
    if (installed == isInstalled()) {
      return;
    }
    log.info(installed ? "KEDA is installed" : "KEDA is not installed any more");
    if (installed) {
      startInformers();
    } else {
      stopInformers();
    }
    apps.list(app -> true).forEach(app -> notify(ResourceID.fromResource(app)));
  }

  private void checkAgain() {
    try {
      check();
    } catch (RuntimeException e) {
      // What was found last holds until there is another answer: a wrong one would change replicas.
      log.warn("could not find out whether KEDA is installed", e);
    }
  }

  private void startInformers() {
    var scaledObjects = client.resources(ScaledObject.class);
    var started =
        namespaces.isEmpty()
            ? List.of(
                scaledObjects
                    .inAnyNamespace()
                    .withLabel(Labels.MANAGED_BY, Labels.OPERATOR)
                    .runnableInformer(0))
            : namespaces.stream()
                .map(namespace ->
                    scaledObjects
                        .inNamespace(namespace)
                        .withLabel(Labels.MANAGED_BY, Labels.OPERATOR)
                        .runnableInformer(0))
                .toList();
    for (var informer : started) {
      informer.addEventHandler(this);
      informer.exceptionHandler((isStarted, e) -> true);
      awaitSync(informer);
    }
    informers = started;
  }

  private static void awaitSync(SharedIndexInformer<ScaledObject> informer) {
    try {
      informer.start().toCompletableFuture().get(SYNC_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      log.atWarn().setCause(e).log("the ScaledObjects could not be listed yet");
    }
  }

  private void stopInformers() {
    informers.forEach(SharedIndexInformer::stop);
    informers = List.of();
  }

  private void notifyOwners(ScaledObject object) {
    owners.toPrimaryResourceIDs(object).forEach(this::notify);
  }

  private void notify(ResourceID app) {
    getEventHandler().handleEvent(new Event(app));
  }
}
