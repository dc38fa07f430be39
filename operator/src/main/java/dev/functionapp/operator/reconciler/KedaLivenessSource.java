package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.status.ConditionMerge;
import dev.functionapp.operator.status.KedaLiveness;
import dev.functionapp.operator.status.KedaSigns;
import dev.functionapp.v1alpha1.FunctionApp;
import dev.functionapp.v1alpha1.functionappstatus.Conditions;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.javaoperatorsdk.operator.health.Status;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks again and again whether KEDA works, and has apps looked at when that has changed. */
final class KedaLivenessSource extends AbstractEventSource<Lease, FunctionApp> {

  private static final Logger log = LoggerFactory.getLogger(KedaLivenessSource.class);

  private final BooleanSupplier installed;
  private final Supplier<KedaSigns> signs;
  private final IndexerResourceCache<FunctionApp> apps;
  private ScheduledExecutorService looks;
  private volatile KedaLiveness liveness = KedaLiveness.UNDECIDED;
  private boolean answered = true;

  /**
   * @param installed whether there is a KEDA to look at
   * @param signs looks at it; throws where there is no answer
   */
  KedaLivenessSource(
      BooleanSupplier installed,
      Supplier<KedaSigns> signs,
      IndexerResourceCache<FunctionApp> apps) {
    super(Lease.class, "whether KEDA works");
    this.installed = installed;
    this.signs = signs;
    this.apps = apps;
  }

  /**
   * Why KEDA does not work; empty where it does.
   *
   * @param scalingReady the condition so far of the app that is asked for
   */
  Optional<String> fault(Optional<Conditions> scalingReady) {
    return liveness.fault(scalingReady);
  }

  @Override
  public Set<Lease> getSecondaryResources(FunctionApp app) {
    return Set.of();
  }

  @Override
  public synchronized void start() {
    super.start();
    looks =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("keda-liveness").factory());
    var unused =
        looks.scheduleWithFixedDelay(
            this::look, 0, KedaLiveness.INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public synchronized void stop() {
    looks.shutdownNow();
    super.stop();
  }

  @Override
  public Status getStatus() {
    return Status.HEALTHY;
  }

  /** The timer would end with an exception. */
  private void look() {
    try {
      var before = liveness;
      var after = installed.getAsBoolean() ? after(before) : KedaLiveness.UNDECIDED;
      liveness = after;
      if (after.decided() != before.decided() || !after.fault().equals(before.fault())) {
        tell(before, after);
      }
    } catch (RuntimeException e) {
      log.error("could not tell apps whether KEDA works", e);
    }
  }

  private KedaLiveness after(KedaLiveness before) {
    try {
      var after = before.look(signs.get());
      answered = true;
      return after;
    } catch (RuntimeException e) {
      if (answered) {
        log.warn("could not find out whether KEDA works", e);
      }
      answered = false;
      return before.unanswered();
    }
  }

  private void tell(KedaLiveness before, KedaLiveness after) {
    after.fault().ifPresent(log::warn);
    if (after.fault().isEmpty() && before.fault().isPresent()) {
      log.info("KEDA works again");
    }
    boolean concernsAll = before.fault().isPresent() || after.fault().isPresent();
    apps.list(app -> concernsAll || saysFault(app))
        .forEach(app -> getEventHandler().handleEvent(new Event(ResourceID.fromResource(app))));
  }

  private static boolean saysFault(FunctionApp app) {
    return ConditionMerge.scalingReady(app.getStatus()).filter(KedaLiveness::isFault).isPresent();
  }
}
