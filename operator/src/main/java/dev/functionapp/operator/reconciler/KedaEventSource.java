package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.resources.Labels;
import dev.functionapp.operator.status.ScalingState;
import dev.functionapp.v1alpha1.FunctionApp;
import io.fabric8.kubernetes.api.model.HasMetadata;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.keda.v1alpha1.ScaledObject;
import sh.keda.v1alpha1.TriggerAuthentication;

/**
 * Watches KEDA's objects while it is installed, and whether it is. KEDA may come and go while the
 * operator runs: every app is then looked at again.
 */
final class KedaEventSource extends AbstractEventSource<ScaledObject, FunctionApp> {

  private static final Logger log = LoggerFactory.getLogger(KedaEventSource.class);
  private static final Duration CHECK_INTERVAL = Duration.ofSeconds(15);
  private static final Duration SYNC_TIMEOUT = Duration.ofSeconds(10);

  private final KubernetesClient client;
  private final BooleanSupplier discovery;
  private final Set<String> namespaces;
  private final IndexerResourceCache<FunctionApp> apps;
  private final SecondaryToPrimaryMapper<HasMetadata> owners =
      Mappers.fromOwnerReferences(FunctionApp.class);
  private ScheduledExecutorService checks;
  private volatile List<SharedIndexInformer<? extends HasMetadata>> informers = List.of();

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
    return Set.copyOf(objects(app, ScaledObject.class));
  }

  /** The app's objects of one of KEDA's kinds; none while it is not installed. */
  <T extends HasMetadata> List<T> objects(FunctionApp app, Class<T> kind) {
    var id = ResourceID.fromResource(app);
    return informers.stream()
        .filter(informer -> informer.getApiTypeClass().equals(kind))
        .flatMap(informer -> informer.getStore().list().stream())
        .filter(object -> owners.toPrimaryResourceIDs(object).contains(id))
        .map(kind::cast)
        .toList();
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
    // What KEDA does with a TriggerAuthentication stands in the ScaledObject.
    var started = new ArrayList<SharedIndexInformer<? extends HasMetadata>>();
    started.addAll(informers(ScaledObject.class, KedaEventSource::conditions));
    started.addAll(informers(TriggerAuthentication.class, object -> ""));
    started.forEach(KedaEventSource::awaitSync);
    informers = List.copyOf(started);
  }

  private <T extends HasMetadata> List<SharedIndexInformer<T>> informers(
      Class<T> kind, Function<T, String> state) {
    var objects = client.resources(kind);
    var informers =
        namespaces.isEmpty()
            ? List.of(
                objects
                    .inAnyNamespace()
                    .withLabel(Labels.MANAGED_BY, Labels.OPERATOR)
                    .runnableInformer(0))
            : namespaces.stream()
                .map(namespace ->
                    objects
                        .inNamespace(namespace)
                        .withLabel(Labels.MANAGED_BY, Labels.OPERATOR)
                        .runnableInformer(0))
                .toList();
    for (var informer : informers) {
      informer.addEventHandler(new Handler<>(state));
      informer.exceptionHandler((isStarted, e) -> true);
    }
    return informers;
  }

  private static void awaitSync(SharedIndexInformer<? extends HasMetadata> informer) {
    try {
      informer.start().toCompletableFuture().get(SYNC_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      log.atWarn().setCause(e).log("KEDA's objects could not be listed yet");
    }
  }

  private void stopInformers() {
    informers.forEach(SharedIndexInformer::stop);
    informers = List.of();
  }

  /** Everything of a ScaledObject's status that an app's status tells. */
  private static String conditions(ScaledObject object) {
    if (object.getStatus() == null || object.getStatus().getConditions() == null) {
      return "";
    }
    return object.getStatus().getConditions().stream()
        .filter(condition -> ScalingState.CONDITIONS.contains(condition.getType()))
        .map(condition ->
            condition.getType()
                + condition.getStatus()
                + condition.getReason()
                + condition.getMessage())
        .collect(Collectors.joining());
  }

  /**
   * Passes on what matters: KEDA also writes down when it last saw messages, and how often it
   * failed to look.
   */
  private final class Handler<T extends HasMetadata> implements ResourceEventHandler<T> {

    private final Function<T, String> state;

    Handler(Function<T, String> state) {
      this.state = state;
    }

    @Override
    public void onAdd(T object) {
      notifyOwners(object);
    }

    @Override
    public void onUpdate(T before, T after) {
      if (Changes.asked(before, after) || !state.apply(before).equals(state.apply(after))) {
        notifyOwners(after);
      }
    }

    @Override
    public void onDelete(T object, boolean unknown) {
      notifyOwners(object);
    }
  }

  private void notifyOwners(HasMetadata object) {
    owners.toPrimaryResourceIDs(object).forEach(this::notify);
  }

  private void notify(ResourceID app) {
    getEventHandler().handleEvent(new Event(app));
  }
}
