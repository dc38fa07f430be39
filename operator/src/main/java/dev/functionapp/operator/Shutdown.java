package dev.functionapp.operator;

import dev.functionapp.operator.reconciler.ControllerProcess;
import dev.functionapp.operator.scaling.ScalingServer;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends the process on SIGTERM within a bounded time, whatever hangs. */
final class Shutdown {

  private static final Logger log = LoggerFactory.getLogger(Shutdown.class);
  private static final Duration LIMIT = Duration.ofSeconds(15);

  private Shutdown() {}

  static void onTermination(
      ControllerProcess controller, ManagementServer server, ScalingServer scaling) {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> stop(controller, server, scaling), "shutdown"));
  }

  private static void stop(
      ControllerProcess controller, ManagementServer server, ScalingServer scaling) {
    log.info("stopping");
    var work = Thread.ofPlatform().daemon().name("stop").start(controller::stop);
    try {
      if (!work.join(LIMIT)) {
        log.warn("still busy after {} s, stopping anyway", LIMIT.toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    scaling.close();
    server.close();
    // A plain return would wait for other hooks; nothing is left that they could save.
    Runtime.getRuntime().halt(0);
  }
}
