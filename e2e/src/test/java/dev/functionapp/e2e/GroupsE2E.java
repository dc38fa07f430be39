package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.app.Status;
import dev.functionapp.e2e.support.AppManifest;
import dev.functionapp.e2e.support.Environment;
import dev.functionapp.e2e.support.ReplicaWatch;
import dev.functionapp.e2e.support.SideBySide;
import dev.functionapp.e2e.support.TestNamespace;
import io.fabric8.kubernetes.api.model.Container;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Functions scale in groups, each with resources and bounds of its own. */
@SideBySide
class GroupsE2E {

  private final Environment environment;
  private final TestNamespace namespace;

  GroupsE2E(Environment environment, TestNamespace namespace) {
    this.environment = environment;
    this.namespace = namespace;
  }

  @Test
  void aFloodInOneQueueLeavesTheOtherGroupsAlone() {
    String storage = namespace.unique("groups");
    FunctionApp app =
        namespace.ready(
            AppManifest.named("grouped")
                .echo()
                .worker("calm", storage + "-calm", storage)
                .worker("flooded", storage + "-flooded", storage)
                .worker("left", storage + "-left", storage)
                .worker("right", storage + "-right", storage)
                .scaling("maxReplicas", 10)
                .scaling("queue", Map.of("length", 5))
                .spec("resources", Map.of("limits", Map.of("memory", "256Mi")))
                .spec(
                    "groups",
                    List.of(
                        Map.of("name", "queue-flooded", "scaling", Map.of("maxReplicas", 3)),
                        Map.of(
                            "name", "pair",
                            "functions", List.of("left", "right"),
                            "resources", Map.of("limits", Map.of("memory", "320Mi")),
                            "scaling", Map.of("minReplicas", 1)))));
    assertThat(app.status().groups()).extracting(Status.Group::name).containsExactlyInAnyOrder("http", "pair", "queue-calm", "queue-flooded");
    assertThat(app.status().function("left").group()).isEqualTo("pair");
    assertThat(memory(app, "pair")).isEqualTo("320Mi");
    assertThat(memory(app, "queue-flooded")).isEqualTo("256Mi");
    namespace.await("the minimum of each", Duration.ofMinutes(1), () -> app.replicas().equals(Map.of("http", 1, "pair", 1, "queue-calm", 0, "queue-flooded", 0)));

    try (ReplicaWatch watch = new ReplicaWatch(app)) {
      environment.storage().sendAll(storage + "-flooded", AppManifest.jobs(80, 1));
      namespace.await("the bound of the flooded group", Duration.ofMinutes(1), () -> app.replicas("queue-flooded") == 3);
      namespace.await("the reason", Duration.ofSeconds(30), () -> "QueueLength".equals(app.status().group("queue-flooded").reason()));
      // How many there are only a pod that is ready can tell.
      assertThat(app.status().group("queue-flooded").message()).contains("messages");
      namespace.await("the flood to be worked off", Duration.ofMinutes(2), () -> environment.storage().blobs(storage, "").size() == 80);

      assertThat(watch.most("queue-flooded")).isEqualTo(3);
      assertThat(watch.seen("queue-calm")).isEqualTo(Set.of(0));
      assertThat(watch.seen("pair")).isEqualTo(Set.of(1));
      assertThat(watch.seen("http")).isEqualTo(Set.of(1));
    }
  }

  @Test
  void aDisabledFunctionRestsAndTheOthersOfItsGroupWork() {
    String storage = namespace.unique("disabled");
    AppManifest manifest =
        AppManifest.named("partly-off")
            .worker("works", storage + "-works", storage)
            .worker("rests", storage + "-rests", storage)
            .spec("groups", List.of(Map.of("name", "both", "functions", List.of("works", "rests"))));
    FunctionApp app = namespace.ready(manifest);
    String revision = app.status().latestReadyRevision();

    namespace.ready(manifest.spec("functions", Map.of("rests", Map.of("disabled", true))));
    environment.storage().send(storage + "-rests", AppManifest.job("resting", 0));
    environment.storage().send(storage + "-works", AppManifest.job("working", 0));
    namespace.await("the other function's message", Duration.ofMinutes(1), () -> environment.storage().blobs(storage, "").equals(Set.of("working")));
    namespace.await("the group to sleep, though a message waits", Duration.ofMinutes(1), () -> app.replicas("both") == 0);
    assertThat(environment.storage().peek(storage + "-rests")).hasSize(1);

    namespace.ready(manifest.spec("functions", Map.of()));
    namespace.await("the message that waited", Duration.ofMinutes(1), () -> environment.storage().blobs(storage, "").equals(Set.of("working", "resting")));
    assertThat(app.status().latestReadyRevision()).as("revision, which neither changes").isEqualTo(revision);
  }

  private static String memory(FunctionApp app, String group) {
    Container worker = app.deployments().get(group).getSpec().getTemplate().getSpec().getContainers().getFirst();
    return worker.getResources().getLimits().get("memory").toString();
  }
}
