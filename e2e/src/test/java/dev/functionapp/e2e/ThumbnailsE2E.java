package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.demo.Photos;
import dev.functionapp.e2e.demo.ThumbnailsRun;
import dev.functionapp.e2e.support.Environment;
import dev.functionapp.e2e.support.SideBySide;
import dev.functionapp.e2e.support.TestNamespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The example app on real photographs. First of those side by side: for ten minutes it waits for a lease to end. One test
 * after the other, as they share the app and its queue.
 */
@SideBySide
@Order(2)
class ThumbnailsE2E {

  private static final int PHOTOS = 200;
  private static final Duration WORK = Duration.ofMinutes(4);

  /** What a killed pod had in work is hidden until its lease ends, ten minutes after it was received. */
  private static final Duration LEASE = Duration.ofMinutes(10);

  /** Kills every process of the container but the first, which a container cannot kill from inside, and this one. */
  private static final String KILL_INSIDE =
      """
      import os, signal
      for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
          if pid not in (1, os.getpid()):
              os.kill(pid, signal.SIGKILL)
      """;

  private final Environment environment;
  private final TestNamespace namespace;

  ThumbnailsE2E(Environment environment, TestNamespace namespace) {
    this.environment = environment;
    this.namespace = namespace;
  }

  @BeforeEach
  void deploy() {
    namespace.kubectl("apply", "--kustomize", environment.workspace().file("e2e/apps/thumbnails").toString()).check();
    namespace.awaitReady(app());
  }

  @Test
  @Execution(ExecutionMode.SAME_THREAD)
  void everyPhotoGetsItsThumbnail() throws Exception {
    try (ThumbnailsRun run = start()) {
      run.send();
      run.awaitThumbnails(WORK);
      assertComplete(run);
    }
  }

  @Test
  @Execution(ExecutionMode.SAME_THREAD)
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void everyPhotoGetsItsThumbnailThoughWorkersAreKilled() throws Exception {
    try (ThumbnailsRun run = start()) {
      Thread sender = Thread.ofVirtual().start(() -> send(run));
      run.awaitMidway(WORK);
      kill(run);
      sender.join();
      run.awaitThumbnails(LEASE.plus(WORK));
      assertComplete(run);
    }
  }

  private FunctionApp app() {
    return namespace.app("thumbnails");
  }

  private ThumbnailsRun start() throws IOException {
    return new ThumbnailsRun(app(), environment.storage(), Photos.load(environment.workspace()), PHOTOS, sample -> {});
  }

  private static void send(ThumbnailsRun run) {
    try {
      run.send();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One worker pod as a whole, and the function processes in another. */
  private void kill(ThumbnailsRun run) {
    assertThat(run.processed()).as("thumbnails before the kill").isLessThan(PHOTOS);
    List<Pod> pods = app().pods(ThumbnailsRun.GROUP).stream().filter(Readiness.getInstance()::isReady).toList();
    assertThat(pods).as("pods at work").isNotEmpty();
    namespace.kubectl("exec", pods.getLast().getMetadata().getName(), "--", "python3", "-c", KILL_INSIDE).check();
    environment.cluster().kill(pods.getFirst());
  }

  private static void assertComplete(ThumbnailsRun run) {
    assertThat(run.check()).as("photos without a good thumbnail").isEmpty();
    assertThat(run.sent()).as("photos that the app acknowledged").isEqualTo(PHOTOS);
    assertThat(run.processed()).as("thumbnails").isEqualTo(PHOTOS);
    assertThat(run.poisoned()).as("messages that were given up").isZero();
  }
}
