package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.functionapp.operator.it.ScaledApps.State;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import sh.keda.v1alpha1.ScaledObject;

/** Paused, stopped, without KEDA, with another minimum, and from each to each other. */
@DisplayName("Switching between ways of scaling never makes the replica count jump")
class SwitchesIT {

  private static final String OPERATOR = "functionapp-operator";

  private static Cluster cluster;
  private static Preparer preparer;
  private static Workloads workloads;
  private static ScaledApps apps;

  @BeforeAll
  static void start() {
    cluster = Cluster.withKeda();
    preparer = new Preparer(cluster);
    apps = new ScaledApps(cluster, preparer);
    workloads = new Workloads(cluster);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void replicasStayFromEachStateToEachOther() {
    apps.awaitKeda(true);
    apps.deploy("pairs", State.SCALED);
    // Each of the twelve pairs once.
    var path =
        List.of(
            State.PAUSED,
            State.SCALED,
            State.STOPPED,
            State.SCALED,
            State.MINIMUM,
            State.PAUSED,
            State.MINIMUM,
            State.STOPPED,
            State.PAUSED,
            State.STOPPED,
            State.MINIMUM,
            State.SCALED);
    var before = State.SCALED;
    for (var next : path) {
      int replicas = before == State.STOPPED ? 0 : 3;
      if (before != State.STOPPED) {
        apps.scale("pairs", replicas);
      }
      try (var seen = new Replicas(cluster, "pairs", ScaledApps.GROUP)) {
        apps.enter("pairs", next);
        int expected = next.after(before, replicas);
        await(before + " to " + next)
            .atMost(30, SECONDS)
            .untilAsserted(() -> {
              assertThat(apps.replicas("pairs")).isEqualTo(expected);
              assertThat(apps.owners("pairs").contains(OPERATOR)).isEqualTo(next == State.STOPPED);
              assertThat(cluster.objects(ScaledObject.class, "pairs"))
                  .hasSize(next == State.STOPPED ? 0 : 1);
            });
        assertThat(seen.values()).as(before + " to " + next).isSubsetOf(replicas, expected);
      }
      before = next;
    }
  }

  @Test
  void replicasStayWhenKedaGoesAndComesAgain() {
    apps.awaitKeda(true);
    for (var state : State.values()) {
      apps.deploy(name(state), State.SCALED);
      apps.scale(name(state), 3);
      apps.enter(name(state), state);
      await(state + " is seen").atMost(30, SECONDS).until(() -> apps.seen(name(state)));
    }
    apps.deploy("changes", State.SCALED);
    apps.scale("changes", 3);
    await("it is stopped").atMost(30, SECONDS).until(() -> apps.replicas(name(State.STOPPED)) == 0);

    apps.awaitKeda(false);
    for (var state : State.values()) {
      int expected = state == State.STOPPED ? 0 : 3;
      await(state + " without KEDA")
          .atMost(30, SECONDS)
          .untilAsserted(() -> assertThat(apps.owners(name(state))).contains(OPERATOR));
      assertThat(apps.replicas(name(state))).as(state.name()).isEqualTo(expected);
    }

    apps.enter("changes", State.PAUSED);
    await("paused is seen").atMost(30, SECONDS).until(() -> apps.seen("changes"));
    assertThat(apps.replicas("changes")).isEqualTo(3);
    apps.enter("changes", State.STOPPED);
    await("none is left").atMost(30, SECONDS).until(() -> apps.replicas("changes") == 0);
    apps.enter("changes", State.SCALED);
    await("one is there at least").atMost(30, SECONDS).until(() -> apps.replicas("changes") == 1);

    apps.awaitKeda(true);
    for (var state : State.values()) {
      int expected = state == State.STOPPED ? 0 : 3;
      if (state != State.STOPPED) {
        await(state + " under KEDA")
            .atMost(30, SECONDS)
            .untilAsserted(() -> assertThat(apps.owners(name(state))).doesNotContain(OPERATOR));
      }
      assertThat(apps.replicas(name(state))).as(state.name()).isEqualTo(expected);
    }
  }

  @Test
  void aGroupIsStoppedWhenKedaHasLetGoOfIt() {
    apps.awaitKeda(true);
    apps.deploy("held", State.SCALED);
    apps.deploy("abandoned", State.SCALED);
    for (var app : List.of("held", "abandoned")) {
      apps.scale(app, 3);
      hold(app, List.of("finalizer.keda.sh"));
      apps.enter(app, State.STOPPED);
      await("what scales it is on its way")
          .atMost(30, SECONDS)
          .until(() -> scaledObject(app).getMetadata().getDeletionTimestamp() != null);
      await("the spec is seen").atMost(30, SECONDS).until(() -> apps.seen(app));
      assertThat(apps.replicas(app)).isEqualTo(3);
    }

    hold("held", List.of());
    await("it is stopped").atMost(30, SECONDS).until(() -> apps.replicas("held") == 0);

    cluster.clock.advance(Duration.ofMinutes(1));
    touch("abandoned");
    await("it is stopped, too").atMost(45, SECONDS).until(() -> apps.replicas("abandoned") == 0);
    hold("abandoned", List.of());
  }

  @Test
  void aStoppedAppSaysSoAndStopsAlsoWhileAnotherRevisionIsPrepared() {
    apps.awaitKeda(true);
    cluster.apply("stops", ScaledApps.spec("stops", State.SCALED));
    preparer.prepare("stops", Preparer.HTTP + "," + Preparer.QUEUE);
    await("both groups")
        .atMost(30, SECONDS)
        .until(() -> cluster.objects(Deployment.class, "stops").size() == 2);

    cluster.apply("stops", ScaledApps.spec("changed", State.STOPPED));

    await("no replicas, HTTP included")
        .atMost(30, SECONDS)
        .untilAsserted(() ->
            assertThat(cluster.objects(Deployment.class, "stops"))
                .extracting(found -> found.getSpec().getReplicas())
                .containsExactly(0, 0));
    cluster.awaitReason("stops", "Ready", "Preparing", 30);

    cluster.apply("stops", ScaledApps.spec("stops", State.STOPPED));
    workloads.succeed("stops", "http");
    workloads.succeed("stops", ScaledApps.GROUP);
    cluster.awaitReason("stops", "Ready", "Stopped", 30);
    assertThat(cluster.condition("stops", "Ready").orElseThrow().getStatus().getValue())
        .isEqualTo("True");
    assertThat(cluster.condition("stops", "Available").orElseThrow().getStatus().getValue())
        .isEqualTo("False");
    assertThat(cluster.app("stops").getStatus().getGroups())
        .allSatisfy(group -> assertThat(group.getReason()).isEqualTo("Stopped"));

    cluster.apply("stops", ScaledApps.spec("stops", State.SCALED));
    await("HTTP begins at its minimum")
        .atMost(30, SECONDS)
        .until(
            () -> cluster.deployment("stops", "http").orElseThrow().getSpec().getReplicas() == 1);
  }

  private static String name(State state) {
    return "keda-" + state.name().toLowerCase(Locale.ROOT);
  }

  private static ScaledObject scaledObject(String app) {
    return cluster.objects(ScaledObject.class, app).getFirst();
  }

  private static void hold(String app, List<String> finalizers) {
    cluster
        .client
        .resource(scaledObject(app))
        .edit(object -> {
          object.getMetadata().setFinalizers(finalizers);
          return object;
        });
  }

  private static void touch(String app) {
    cluster
        .client
        .resource(apps.queueGroup(app))
        .edit(deployment -> {
          deployment.getMetadata().getAnnotations().put("it/touched", "yes");
          return deployment;
        });
  }
}
