package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.packages.PackageStore;
import dev.functionapp.operator.packages.StoreCleaner;
import dev.functionapp.operator.plan.Platform;
import dev.functionapp.operator.resources.Deployments;
import dev.functionapp.operator.resources.Labels;
import dev.functionapp.operator.scaling.GroupScaler;
import dev.functionapp.operator.scaling.PodReports;
import dev.functionapp.v1alpha1.FunctionApp;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetrics;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The controller as a process that has to be started, watched and stopped: JOSDK with every choice
 * that is left to its user.
 */
public final class ControllerProcess {

  private static final Logger log = LoggerFactory.getLogger(ControllerProcess.class);

  private static final String API_VERSION = "functionapp.dev/v1alpha1";
  private static final Duration CRD_PAUSE = Duration.ofSeconds(5);
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(60);
  private static final Duration RESYNC = Duration.ofMinutes(10);
  private static final Duration TERMINATION_TIMEOUT = Duration.ofSeconds(10);

  private final KubernetesClient client;
  private final ControllerOptions options;
  private final Operator operator;
  private final StoreSweep sweep;
  private final PodReports pods;
  private final GroupScaler scaler;
  private volatile boolean started;
  private volatile boolean stopping;
  private volatile boolean broken;

  public ControllerProcess(
      KubernetesClient client,
      PackageStore store,
      Platform platform,
      AddOns addOns,
      ControllerOptions options,
      MeterRegistry metrics,
      Clock clock) {
    this.client = client;
    this.options = options;
    this.sweep =
        new StoreSweep(
            new StoreCleaner(store, clock)::sweep, this::exists, options.watchNamespaces());
    // Made here and not in the overrider, which JOSDK may call several times.
    var operatorMetrics = MicrometerMetrics.withoutPerResourceMetrics(metrics);
    this.operator = new Operator(overrider -> configure(overrider.withMetrics(operatorMetrics)));
    this.pods = new PodReports(Deployments.MANAGEMENT_PORT, clock, metrics);
    var reconciler =
        new FunctionAppReconciler(
            client,
            store,
            platform,
            addOns,
            options.watchNamespaces(),
            options.instance(),
            metrics,
            clock,
            pods,
            () -> started);
    this.scaler = reconciler.scaler();
    operator.register(
        reconciler,
        controller -> {
          controller
              .withFieldManager(Labels.OPERATOR)
              // A generation does not count annotations, and one of them asks to look again.
              .withGenerationAware(false)
              .withOnUpdateFilter(ControllerProcess::isAnotherWish)
              .withRetry(retry())
              .withReconciliationMaxInterval(RESYNC);
          if (!options.watchNamespaces().isEmpty()) {
            controller.settingNamespaces(options.watchNamespaces());
          }
        });
  }

  /**
   * Waits for the FunctionApp definition, which may be installed after the operator, then starts.
   */
  public void start() {
    awaitDefinition();
    operator.start();
    started = true;
    if (!options.leaderElection()) {
      sweep.start();
    }
    log.info("the operator has started");
  }

  /** Says how many replicas groups ask for; also on a replica that does not lead. */
  public GroupScaler scaler() {
    return scaler;
  }

  private boolean exists(String namespace, String app) {
    return client.resources(FunctionApp.class).inNamespace(namespace).withName(app).get() != null;
  }

  /** Lets running passes end, within the time that JOSDK is given for it. */
  public void stop() {
    stopping = true;
    sweep.close();
    if (started) {
      operator.stop();
    }
    pods.close();
    client.close();
  }

  public boolean isAlive() {
    return !broken;
  }

  /** Says nothing of leadership: a standby is ready to take over. */
  public boolean isReady() {
    return started && !stopping && operator.getRuntimeInfo().allEventSourcesAreHealthy();
  }

  private void configure(ConfigurationServiceOverrider overrider) {
    overrider
        .withKubernetesClient(client)
        .withCloseClientOnStop(false)
        .withConcurrentReconciliationThreads(options.threads())
        .withReconciliationTerminationTimeout(TERMINATION_TIMEOUT)
        .withStopOnInformerErrorDuringStartup(false)
        .withInformerStoppedHandler((informer, e) -> {
          if (e != null && !stopping) {
            log.error("watching {} has ended", informer.getApiTypeClass().getSimpleName(), e);
            broken = true;
          }
        });
    if (options.leaderElection()) {
      overrider.withLeaderElectionConfiguration(leaderElection());
    }
  }

  private LeaderElectionConfiguration leaderElection() {
    return LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(Labels.OPERATOR)
        .withLeaseNamespace(options.operatorNamespace())
        .withIdentity(options.instance())
        .withExitOnStopLeading(false)
        .withLeaderCallbacks(
            new LeaderCallbacks(this::onStartLeading, this::onStopLeading, leader -> {}))
        .build();
  }

  private void onStartLeading() {
    log.info("leading");
    sweep.start();
  }

  /**
   * Another replica may lead by now: end at once, without hooks that would take time to let passes
   * finish.
   */
  private void onStopLeading() {
    if (!stopping) {
      log.error("lost the lease, exiting");
      Runtime.getRuntime().halt(1);
    }
  }

  private static boolean isAnotherWish(FunctionApp after, FunctionApp before) {
    var metadata = after.getMetadata();
    return !metadata.getGeneration().equals(before.getMetadata().getGeneration())
        || !Objects.equals(
            metadata.getAnnotations().get(Labels.RECONCILE_AT),
            before.getMetadata().getAnnotations().get(Labels.RECONCILE_AT))
        || after.isMarkedForDeletion();
  }

  private static GenericRetry retry() {
    return new GenericRetry()
        .setInitialInterval(FIRST_RETRY)
        .setIntervalMultiplier(2)
        .setMaxInterval(LONGEST_RETRY.toMillis())
        .withoutMaxAttempts();
  }

  private void awaitDefinition() {
    while (!stopping && !isDefined()) {
      log.warn(
          "{} is not installed: apply crds/functionapps.functionapp.dev.yaml (the chart does);"
              + " looking again in {} s",
          API_VERSION,
          CRD_PAUSE.toSeconds());
      try {
        Thread.sleep(CRD_PAUSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private boolean isDefined() {
    try {
      return client.getApiResources(API_VERSION) != null;
    } catch (KubernetesClientException e) {
      log.warn("the API server does not answer yet: {}", e.getMessage());
      return false;
    }
  }
}
