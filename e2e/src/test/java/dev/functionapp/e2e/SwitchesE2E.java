package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.support.AppManifest;
import dev.functionapp.e2e.support.Environment;
import dev.functionapp.e2e.support.ReplicaWatch;
import dev.functionapp.e2e.support.SideBySide;
import dev.functionapp.e2e.support.TestNamespace;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Pausing, stopping and suspending change the number of replicas where they say so, and nowhere else. */
@SideBySide
class SwitchesE2E {

  private static final String GROUP = "queue-work";

  private final Environment environment;
  private final TestNamespace namespace;

  SwitchesE2E(Environment environment, TestNamespace namespace) {
    this.environment = environment;
    this.namespace = namespace;
  }

  @Test
  void pausedReplicasStayAsTheyAreAndCanBeSetByHand() {
    String queue = namespace.unique("paused");
    AppManifest manifest = AppManifest.named("paused").worker("work", queue, queue).scaling("queue", Map.of("length", 5)).scaling("maxReplicas", 2);
    FunctionApp app = namespace.ready(manifest);
    environment.storage().sendAll(queue, AppManifest.jobs(20, 1));
    namespace.await("2 replicas", Duration.ofMinutes(1), () -> app.replicas(GROUP) == 2);

    try (ReplicaWatch watch = new ReplicaWatch(app)) {
      namespace.apply(manifest.scaling("paused", true));
      namespace.await("the reason", Duration.ofMinutes(1), () -> "Paused".equals(app.status().group(GROUP).reason()));
      namespace.await("the queue to be empty", Duration.ofMinutes(1), () -> environment.storage().queueLength(queue) == 0);
      // Longer than the cooldown of 5 s and the autoscaler's own window.
      namespace.hold("replicas without work", Duration.ofSeconds(20), () -> app.replicas(GROUP) == 2);
      assertThat(watch.seen(GROUP)).isEqualTo(Set.of(2));
    }
    namespace.kubectl("scale", "deployment", app.deployments().get(GROUP).getMetadata().getName(), "--replicas", "1").check();
    namespace.kubectl("annotate", "functionapp", app.name(), "example.com/touched=now").check();
    namespace.hold("the number set by hand", Duration.ofSeconds(5), () -> app.replicas(GROUP) == 1);

    namespace.apply(manifest.scaling("paused", false));
    namespace.await("the group to sleep", Duration.ofMinutes(2), () -> app.replicas(GROUP) == 0);
  }

  @Test
  void aStoppedAppHasNoReplicaAndBeginsAtItsMinimumAfterwards() {
    String queue = namespace.unique("stopped");
    AppManifest manifest = AppManifest.named("stopped").echo().setting("RUNS", "yes").worker("work", queue, queue).scaling("minReplicas", 1);
    FunctionApp app = namespace.ready(manifest);
    namespace.await("the minimum", Duration.ofMinutes(1), () -> app.replicas().equals(Map.of("http", 1, GROUP, 1)));
    String revision = app.status().latestReadyRevision();

    namespace.ready(manifest.spec("stopped", true));
    assertThat(app.status().condition("Ready").reason()).isEqualTo("Stopped");
    environment.storage().send(queue, AppManifest.job("waits", 0));
    namespace.await("no replica, and no pod", Duration.ofMinutes(1), () -> app.replicas().equals(Map.of("http", 0, GROUP, 0)) && app.pods(GROUP).isEmpty());
    namespace.hold("no replica, though a message waits", Duration.ofSeconds(10), () -> app.replicas().equals(Map.of("http", 0, GROUP, 0)));
    assertThat(app.status().group(GROUP).reason()).isEqualTo("Stopped");

    namespace.ready(manifest.spec("stopped", false));
    namespace.await("the message that waited", Duration.ofMinutes(1), () -> environment.storage().blobs(queue, "").equals(Set.of("waits")));
    namespace.awaitAnswer(app, "/api/env/RUNS", "yes");
    assertThat(app.replicas()).isEqualTo(Map.of("http", 1, GROUP, 1));
    assertThat(app.status().latestReadyRevision()).isEqualTo(revision);
  }

  @Test
  void aSuspendedAppIsLeftAsItIsAndScalesOn() {
    String queue = namespace.unique("suspended");
    AppManifest manifest = AppManifest.named("suspended").answering("one").worker("work", queue, queue);
    FunctionApp app = namespace.ready(manifest);
    namespace.awaitAnswer(app, "/api/version", "one");
    String revision = app.status().latestCreatedRevision();

    namespace.apply(manifest.spec("suspend", true).answering("two"));
    namespace.awaitCondition(app, "Suspended", condition -> condition.isTrue());
    namespace.kubectl("delete", "service", app.name()).check();
    environment.storage().send(queue, AppManifest.job("meanwhile", 0));
    namespace.await("a message to be processed meanwhile", Duration.ofMinutes(1), () -> environment.storage().blobs(queue, "").size() == 1);
    assertThat(namespace.client().services().inNamespace(namespace.name()).withName(app.name()).get()).as("what was deleted by hand").isNull();
    assertThat(app.status().latestCreatedRevision()).isEqualTo(revision);

    namespace.ready(manifest.spec("suspend", false));
    namespace.awaitAnswer(app, "/api/version", "two");
  }
}
