package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import sh.keda.v1alpha1.ScaledObject;

/** Paused, stopped, suspended, without KEDA, with another minimum, and from each to each other. */
@DisplayName("Catalogue: switching any of them never jumps the replica count")
class SwitchesIT {

  private static final String GROUP = "queue-resize";
  private static final String OPERATOR = "functionapp-operator";

  private static Cluster cluster;
  private static Preparer preparer;
  private static Workloads workloads;

  @BeforeAll
  static void start() {
    cluster = Cluster.withKeda();
    preparer = new Preparer(cluster);
    workloads = new Workloads(cluster);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private enum State {
    SCALED("{}", false, 0),
    PAUSED("{paused: true}", false, 0),
    MINIMUM("{minReplicas: 2}", false, 2),
    STOPPED("{}", true, 0);

    private final String scaling;
    private final boolean stopped;
    private final int least;

    State(String scaling, boolean stopped, int least) {
      this.scaling = scaling;
      this.stopped = stopped;
      this.least = least;
    }

    /** What there has to be when the app comes from a state in which there were so many. */
    int after(State before, int replicas) {
      if (this == STOPPED) {
        return 0;
      }
      return before == STOPPED ? least : replicas;
    }
  }

  @Test
  void replicasStayFromEachStateToEachOther() {
    awaitKeda(true);
    deploy("pairs", State.SCALED);
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
        scale("pairs", replicas);
      }
      try (var seen = new Replicas(cluster, "pairs", GROUP)) {
        enter("pairs", next);
        int expected = next.after(before, replicas);
        await(before + " to " + next)
            .atMost(30, SECONDS)
            .untilAsserted(() -> {
              assertThat(replicas("pairs")).isEqualTo(expected);
              assertThat(owners("pairs").contains(OPERATOR)).isEqualTo(next == State.STOPPED);
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
    awaitKeda(true);
    for (var state : State.values()) {
      deploy(name(state), State.SCALED);
      scale(name(state), 3);
      enter(name(state), state);
      await(state + " is seen").atMost(30, SECONDS).until(() -> seen(name(state)));
    }
    deploy("changes", State.SCALED);
    scale("changes", 3);
    await("it is stopped").atMost(30, SECONDS).until(() -> replicas(name(State.STOPPED)) == 0);

    awaitKeda(false);
    for (var state : State.values()) {
      int expected = state == State.STOPPED ? 0 : 3;
      await(state + " without KEDA")
          .atMost(30, SECONDS)
          .untilAsserted(() -> assertThat(owners(name(state))).contains(OPERATOR));
      assertThat(replicas(name(state))).as(state.name()).isEqualTo(expected);
    }

    enter("changes", State.PAUSED);
    await("paused is seen").atMost(30, SECONDS).until(() -> seen("changes"));
    assertThat(replicas("changes")).isEqualTo(3);
    enter("changes", State.STOPPED);
    await("none is left").atMost(30, SECONDS).until(() -> replicas("changes") == 0);
    enter("changes", State.SCALED);
    await("one is there at least").atMost(30, SECONDS).until(() -> replicas("changes") == 1);

    awaitKeda(true);
    for (var state : State.values()) {
      int expected = state == State.STOPPED ? 0 : 3;
      if (state != State.STOPPED) {
        await(state + " under KEDA")
            .atMost(30, SECONDS)
            .untilAsserted(() -> assertThat(owners(name(state))).doesNotContain(OPERATOR));
      }
      assertThat(replicas(name(state))).as(state.name()).isEqualTo(expected);
    }
  }

  @Test
  void aGroupIsStoppedWhenKedaHasLetGoOfIt() {
    awaitKeda(true);
    deploy("held", State.SCALED);
    deploy("abandoned", State.SCALED);
    for (var app : List.of("held", "abandoned")) {
      scale(app, 3);
      hold(app, List.of("finalizer.keda.sh"));
      enter(app, State.STOPPED);
      await("what scales it is on its way")
          .atMost(30, SECONDS)
          .until(() -> scaledObject(app).getMetadata().getDeletionTimestamp() != null);
      await("the spec is seen").atMost(30, SECONDS).until(() -> seen(app));
      assertThat(replicas(app)).isEqualTo(3);
    }

    hold("held", List.of());
    await("it is stopped").atMost(30, SECONDS).until(() -> replicas("held") == 0);

    cluster.clock.advance(Duration.ofMinutes(1));
    touch("abandoned");
    await("it is stopped, too").atMost(45, SECONDS).until(() -> replicas("abandoned") == 0);
    hold("abandoned", List.of());
  }

  @Test
  void aStoppedAppSaysSoAndStopsAlsoWhileAnotherRevisionIsPrepared() {
    awaitKeda(true);
    cluster.apply("stops", spec("stops", State.SCALED));
    preparer.prepare("stops", Preparer.HTTP + "," + Preparer.QUEUE);
    await("both groups")
        .atMost(30, SECONDS)
        .until(() -> cluster.objects(Deployment.class, "stops").size() == 2);

    cluster.apply("stops", spec("changed", State.STOPPED));

    await("no replicas, HTTP included")
        .atMost(30, SECONDS)
        .untilAsserted(() ->
            assertThat(cluster.objects(Deployment.class, "stops"))
                .extracting(found -> found.getSpec().getReplicas())
                .containsExactly(0, 0));
    cluster.awaitReason("stops", "Ready", "Preparing", 30);

    cluster.apply("stops", spec("stops", State.STOPPED));
    workloads.succeed("stops", "http");
    workloads.succeed("stops", GROUP);
    cluster.awaitReason("stops", "Ready", "Stopped", 30);
    assertThat(cluster.condition("stops", "Ready").orElseThrow().getStatus().getValue())
        .isEqualTo("True");
    assertThat(cluster.condition("stops", "Available").orElseThrow().getStatus().getValue())
        .isEqualTo("False");
    assertThat(cluster.app("stops").getStatus().getGroups())
        .allSatisfy(group -> assertThat(group.getReason()).isEqualTo("Stopped"));

    cluster.apply("stops", spec("stops", State.SCALED));
    await("HTTP begins at its minimum")
        .atMost(30, SECONDS)
        .until(
            () -> cluster.deployment("stops", "http").orElseThrow().getSpec().getReplicas() == 1);
  }

  @Test
  void aSuspendedAppIsLeftAsItIs() {
    awaitKeda(true);
    deploy("left", State.SCALED);
    scale("left", 3);
    var before = cluster.versions("left");
    var status = cluster.app("left").getStatus();
    before.remove("FunctionApp/left");

    cluster.apply("left", suspended("changed"));
    cluster.awaitReason("left", "Suspended", "Suspended", 30);

    assertThat(cluster.versions("left")).containsAllEntriesOf(before);
    var suspended = cluster.app("left");
    assertThat(suspended.getStatus().getObservedGeneration())
        .isEqualTo(status.getObservedGeneration())
        .isLessThan(suspended.getMetadata().getGeneration());
    assertThat(suspended.getStatus().getLatestCreatedRevision())
        .isEqualTo(status.getLatestCreatedRevision());

    cluster.stopOperator();
    grants("left").forEach(secret -> cluster.client.resource(secret).delete());
    cluster.startOperator();
    await("pods may start").atMost(30, SECONDS).until(() -> grants("left").size() == 1);
    assertThat(cluster.objects(Job.class, "left")).hasSizeLessThanOrEqualTo(1);

    cluster.apply("left", spec("changed", State.SCALED));
    await("it goes on")
        .atMost(30, SECONDS)
        .until(() -> seen("left") && cluster.condition("left", "Suspended").isEmpty());
    assertThat(cluster.condition("left", "Ready").orElseThrow().getReason()).isEqualTo("Preparing");
    assertThat(replicas("left")).isEqualTo(3);
  }

  private static List<Secret> grants(String app) {
    return cluster.objects(Secret.class, app).stream()
        .filter(secret -> secret.getMetadata().getName().contains("-package-"))
        .toList();
  }

  private static String suspended(String source) {
    return "{source: {inline: {files: {function_app.py: \"%s\"}}}, scaling: {minReplicas: 5}, suspend: true}"
        .formatted(source);
  }

  private static String spec(String source, State state) {
    return "{source: {inline: {files: {function_app.py: \"%s\"}}}, scaling: %s, stopped: %s}"
        .formatted(source, state.scaling, state.stopped);
  }

  private static String name(State state) {
    return "keda-" + state.name().toLowerCase(Locale.ROOT);
  }

  private static void deploy(String app, State state) {
    cluster.apply(app, spec(app, state));
    preparer.prepare(app, Preparer.QUEUE);
    await("what scales " + app)
        .atMost(30, SECONDS)
        .until(() -> cluster.objects(ScaledObject.class, app).size() == 1);
    cluster.awaitReason(app, "PackageReady", "Prepared", 30);
  }

  private static void enter(String app, State state) {
    cluster.apply(app, spec(app, state));
  }

  private static boolean seen(String app) {
    var found = cluster.app(app);
    return found.getMetadata().getGeneration().equals(found.getStatus().getObservedGeneration());
  }

  /** Waits until the operator knows whether KEDA is there: it looks every 15 seconds. */
  private static void awaitKeda(boolean installed) {
    cluster.kedaInstalled.set(installed);
    var probe = installed ? "keda-is-there" : "keda-is-gone";
    if (cluster.app(probe) == null) {
      cluster.apply(probe, spec(probe, State.SCALED));
      preparer.prepare(probe, Preparer.QUEUE);
    }
    cluster.awaitReason(probe, "ScalingReady", installed ? "KedaPending" : "KedaNotInstalled", 60);
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
        .resource(queueGroup(app))
        .edit(deployment -> {
          deployment.getMetadata().getAnnotations().put("it/touched", "yes");
          return deployment;
        });
  }

  private static Deployment queueGroup(String app) {
    return cluster.deployment(app, GROUP).orElseThrow();
  }

  private static int replicas(String app) {
    return queueGroup(app).getSpec().getReplicas();
  }

  /** Does what KEDA and the HPA do, or someone by hand. */
  private static void scale(String app, int replicas) {
    cluster.client.apps().deployments().resource(queueGroup(app)).scale(replicas);
  }

  /** Who owns {@code spec.replicas}. */
  private static Set<String> owners(String app) {
    return queueGroup(app).getMetadata().getManagedFields().stream()
        .filter(entry ->
            Optional.ofNullable(entry.getFieldsV1().getAdditionalProperties().get("f:spec"))
                .filter(spec -> spec instanceof Map<?, ?> map && map.containsKey("f:replicas"))
                .isPresent())
        .map(entry -> entry.getManager())
        .collect(Collectors.toSet());
  }
}
