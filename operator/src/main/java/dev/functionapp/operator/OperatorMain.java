package dev.functionapp.operator;

import dev.functionapp.operator.packages.PackageStore;
import dev.functionapp.operator.reconciler.AddOns;
import dev.functionapp.operator.reconciler.ControllerProcess;
import dev.functionapp.operator.scaling.ScalingServer;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the operator and stops it again. */
public final class OperatorMain {

  private static final Logger log = LoggerFactory.getLogger(OperatorMain.class);

  private OperatorMain() {}

  public static void main(String[] arguments) {
    try {
      run(OperatorSettings.from(System.getenv()));
    } catch (IllegalArgumentException e) {
      log.error(e.getMessage());
      Runtime.getRuntime().halt(2);
    } catch (RuntimeException e) {
      log.error("the operator cannot start", e);
      Runtime.getRuntime().halt(1);
    }
  }

  private static void run(OperatorSettings settings) {
    var metrics = metrics();
    var client =
        new KubernetesClientBuilder()
            .withKubernetesSerialization(LenientSerialization.create())
            .build();
    var store =
        new PackageStore(
            settings.packageStoreConnection(),
            settings.packageStoreUrlForWorkers(),
            Clock.systemUTC());
    var controller =
        new ControllerProcess(
            client,
            store,
            settings.platform(),
            AddOns.of(client),
            settings.controller(),
            metrics,
            Clock.systemUTC());
    var server =
        new ManagementServer(
            settings.managementPort(), controller::isAlive, controller::isReady, metrics);
    var scaling = new ScalingServer(settings.scalingPort(), controller.scaler(), metrics);
    Shutdown.onTermination(controller, server, scaling);
    controller.start();
  }

  private static PrometheusMeterRegistry metrics() {
    var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new ClassLoaderMetrics().bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    // Lives as long as the process, so it is never closed.
    new JvmGcMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    return registry;
  }
}
