package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.resources.Labels;
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
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches an app's objects of kinds that are not Kubernetes' own while the API server serves them,
 * and whether it does. What brings the kinds may come and go while the operator runs: every app is
 * then looked at again.
 */
final class AddOnEventSource extends AbstractEventSource<HasMetadata, FunctionApp> {

  private static final Logger log = LoggerFactory.getLogger(AddOnEventSource.class);
  private static final Duration CHECK_INTERVAL = Duration.ofSeconds(15);
  private static final Duration SYNC_TIMEOUT = Duration.ofSeconds(10);

  /**
   * A kind of objects.
   *
   * @param state what of an object's status an app's status tells
   */
  record Kind<T extends HasMetadata>(Class<T> type, Function<T, ?> state) {}

  private final List<Kind<?>> kinds;
  private final KubernetesClient client;
  private final BooleanSupplier discovery;
  private final Set<String> namespaces;
  private final IndexerResourceCache<FunctionApp> apps;
  private final SecondaryToPrimaryMapper<HasMetadata> owners =
      Mappers.fromOwnerReferences(FunctionApp.class);
  private ScheduledExecutorService checks;
  private volatile List<SharedIndexInformer<? extends HasMetadata>> informers = List.of();

  /**
   * @param addOn what brings the kinds, for people
   * @param discovery asks the cluster whether the add-on is installed
   * @param namespaces those to watch; empty means all
   */
  AddOnEventSource(
      String addOn,
      List<Kind<?>> kinds,
      KubernetesClient client,
      BooleanSupplier discovery,
      Set<String> namespaces,
      IndexerResourceCache<FunctionApp> apps) {
    super(HasMetadata.class, addOn);
    this.kinds = kinds;
    this.client = client;
    this.discovery = discovery;
    this.namespaces = namespaces;
    this.apps = apps;
  }

  /** Whether the add-on was there when it was last looked for. */
  boolean isInstalled() {
    return !informers.isEmpty();
  }

  @Override
  public Set<HasMetadata> getSecondaryResources(FunctionApp app) {
    return kinds.stream()
        .flatMap(kind -> objects(app, kind.type()).stream())
        .collect(Collectors.toSet());
  }

  boolean watches(Class<? extends HasMetadata> type) {
    return kinds.stream().anyMatch(kind -> kind.type().equals(type));
  }

  /** The app's objects of one of the kinds; none while the add-on is not installed. */
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
            Thread.ofPlatform().daemon().name(name() + " check").factory());
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
    log.info(installed ? "{} is installed" : "{} is not installed any more", name());
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
      log.warn("could not find out whether {} is installed", name(), e);
    }
  }

  private void startInformers() {
    var started = new ArrayList<SharedIndexInformer<? extends HasMetadata>>();
    kinds.forEach(kind -> started.addAll(informers(kind)));
    started.forEach(this::awaitSync);
    informers = List.copyOf(started);
  }

  private <T extends HasMetadata> List<SharedIndexInformer<T>> informers(Kind<T> kind) {
    var objects = client.resources(kind.type());
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
      informer.addEventHandler(new Handler<>(kind.state()));
      informer.exceptionHandler((isStarted, e) -> true);
    }
    return informers;
  }

  private void awaitSync(SharedIndexInformer<? extends HasMetadata> informer) {
    try {
      informer.start().toCompletableFuture().get(SYNC_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      log.warn("the objects of {} could not be listed yet", name(), e);
    }
  }

  private void stopInformers() {
    informers.forEach(SharedIndexInformer::stop);
    informers = List.of();
  }

  /** Passes on what matters: a status may also count, or say when something was last seen. */
  private final class Handler<T extends HasMetadata> implements ResourceEventHandler<T> {

    private final Function<T, ?> state;

    Handler(Function<T, ?> state) {
      this.state = state;
    }

    @Override
    public void onAdd(T object) {
      notifyOwners(object);
    }

    @Override
    public void onUpdate(T before, T after) {
      if (Changes.asked(before, after)
          || !Objects.equals(state.apply(before), state.apply(after))) {
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
