package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** What the operator does to the objects of a real API server. */
// Waits for longest, so it begins first.
@Order(1)
class LifecycleIT {

  private static final String SPEC = "{source: {inline: {files: {function_app.py: \"%s\"}}}}";
  private static final String BOTH = Preparer.HTTP + "," + Preparer.QUEUE;

  /** An unwatched object is looked at every 30 seconds. */
  private static final int POLL = 45;

  /** What takes no longer than this was seen by a watch. */
  private static final int WATCH = 20;

  private static Cluster cluster;
  private static Preparer preparer;

  @BeforeAll
  static void start() {
    cluster = new Cluster();
    preparer = new Preparer(cluster);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void aRestartedOperatorWritesNothingToAnAppThatIsAsWanted() {
    deploy("quiet", "quiet");
    await("the app to be done with")
        .atMost(30, SECONDS)
        .until(() -> cluster.objects(ConfigMap.class, "quiet").size() == 1);
    cluster.awaitReason("quiet", "Ready", "RollingOut", 30);
    var before = cluster.versions("quiet");

    cluster.stopOperator();
    cluster.startOperator();
    cluster.awaitPassOverEveryApp();

    assertThat(cluster.versions("quiet")).isEqualTo(before);
  }

  @Test
  void aPassOverAnAppThatIsAsWantedWritesNothing() {
    deploy("calm", "calm");
    cluster.awaitReason("calm", "Ready", "RollingOut", 30);
    var before = cluster.versions("calm");
    double writes = cluster.writes();
    double passes = cluster.passes();

    // Not the operator's field, so nothing has to be put right.
    cluster
        .client
        .resource(cluster.objects(Service.class, "calm").getFirst())
        .edit(service -> {
          service.getMetadata().getAnnotations().put("it/touched", "yes");
          return service;
        });
    await("another pass").atMost(30, SECONDS).until(() -> cluster.passes() > passes);

    assertThat(cluster.writes()).isEqualTo(writes);
    before.remove("Service/calm");
    assertThat(cluster.versions("calm")).containsAllEntriesOf(before);
  }

  @Test
  @DisplayName("An object of somebody else's that has the name is reported and left alone")
  void anObjectOfSomeoneElseIsReportedAndLeftAlone() {
    var foreign =
        new ServiceBuilder()
            .withNewMetadata()
            .withNamespace(cluster.namespace)
            .withName("taken")
            .endMetadata()
            .withNewSpec()
            .withExternalName("example.org")
            .withType("ExternalName")
            .endSpec()
            .build();
    var before = cluster.client.resource(foreign).create();

    cluster.apply("taken", SPEC.formatted("taken"));
    preparer.prepare("taken", BOTH);

    cluster.awaitReason("taken", "Ready", "NameConflict", 30);
    assertThat(cluster.condition("taken", "Ready").orElseThrow().getMessage())
        .contains("Service \"taken\"");
    assertThat(cluster.client.resource(foreign).get()).isEqualTo(before);
    assertThat(cluster.deployment("taken", "http")).isPresent();

    cluster.client.resource(foreign).delete();
    await("the app's own Service")
        .atMost(POLL, SECONDS)
        .until(() -> cluster.objects(Service.class, "taken").size() == 1);
  }

  @Test
  void whatIsNoLongerWantedIsDeletedAndWhatRunsIsKeptUntilThen() {
    deploy("pruned", "first");
    var settings = cluster.objects(ConfigMap.class, "pruned").getFirst();
    var queue = cluster.deployment("pruned", "queue-resize").orElseThrow();

    cluster.apply(
        "pruned", "{source: {inline: {files: {function_app.py: second}}}, settings: {A: \"1\"}}");
    await("the second Job, and only that")
        .atMost(30, SECONDS)
        .untilAsserted(() ->
            assertThat(cluster.objects(Job.class, "pruned"))
                .singleElement()
                .satisfies(job ->
                    assertThat(job.getMetadata().getLabels())
                        .containsEntry("functionapp.dev/revision", latest("pruned"))));
    assertThat(cluster.client.resource(settings).get()).isNotNull();
    assertThat(cluster.client.resource(queue).get().getSpec()).isEqualTo(queue.getSpec());

    preparer.prepare("pruned", Preparer.HTTP);

    await("the queue group to be gone")
        .atMost(30, SECONDS)
        .until(() -> cluster.client.resource(queue).get() == null);
    assertThat(cluster.deployment("pruned", "http")).isPresent();
    await("the first settings to be gone")
        .atMost(30, SECONDS)
        .until(() -> cluster.client.resource(settings).get() == null);
  }

  @Test
  void aChildThatIsChangedOrDeletedIsPutRight() {
    deploy("restored", "restored");
    var http = cluster.deployment("restored", "http").orElseThrow();
    var service = cluster.objects(Service.class, "restored").getFirst();

    cluster
        .client
        .resource(http)
        .edit(deployment -> {
          deployment.getSpec().getTemplate().getSpec().getContainers().getFirst().setImage("other");
          return deployment;
        });
    cluster.client.resource(service).delete();

    await("both to be as they were")
        .atMost(WATCH, SECONDS)
        .untilAsserted(() -> {
          var spec = cluster.client.resource(http).get().getSpec();
          assertThat(spec.getTemplate().getSpec().getContainers().getFirst().getImage())
              .isEqualTo("worker:3.13");
          assertThat(cluster.objects(Service.class, "restored")).hasSize(1);
        });
  }

  @Test
  @DisplayName("A ConfigMap that is missing is reported, and the app heals by itself")
  void aMissingConfigMapIsAConditionThatHealsByItself() {
    cluster.apply("waiting", "{source: {configMap: {name: waiting-code}}}");
    cluster.awaitReason("waiting", "Ready", "SourceNotFound", 30);
    assertThat(cluster.condition("waiting", "Stalled").orElseThrow().getStatus().getValue())
        .isEqualTo("True");

    cluster.client.resource(configMap("waiting-code", Map.of())).create();

    cluster.awaitReason("waiting", "Ready", "Preparing", POLL);
  }

  @Test
  void aWatchedConfigMapIsSeenAtOnce() {
    cluster.apply(
        "watching",
        "{source: {inline: {files: {a.py: \"\"}}}, settingsFrom: [{configMapRef: {name:"
            + " shared}}]}");
    cluster.awaitReason("watching", "PackageReady", "SettingsNotFound", 30);
    var shared = configMap("shared", Map.of("functionapp.dev/watch", "true"));
    cluster.client.resource(shared).create();
    cluster.awaitReason("watching", "PackageReady", "Preparing", WATCH);
    var before = latest("watching");

    cluster
        .client
        .resource(shared)
        .edit(current -> {
          current.getData().put("A", "2");
          return current;
        });

    await("another revision")
        .atMost(WATCH, SECONDS)
        .until(() -> !latest("watching").equals(before));
  }

  @Test
  void whatRunsKeepsTheSettingsThatItWasVerifiedWith() {
    cluster.client.resource(configMap("kept", Map.of("functionapp.dev/watch", "true"))).create();
    cluster.apply(
        "keeps",
        "{source: {inline: {files: {a.py: \"\"}}}, settingsFrom: [{configMapRef: {name: kept}}]}");
    preparer.prepare("keeps", Preparer.HTTP);
    await("its Deployment")
        .atMost(30, SECONDS)
        .until(() -> cluster.deployment("keeps", "http").isPresent());
    assertThat(settings("keeps")).containsEntry("A", "1");
    var before = latest("keeps");

    cluster
        .client
        .configMaps()
        .inNamespace(cluster.namespace)
        .withName("kept")
        .edit(current -> {
          current.getData().put("A", "2");
          return current;
        });
    await("another revision").atMost(WATCH, SECONDS).until(() -> !latest("keeps").equals(before));
    assertThat(settings("keeps")).containsEntry("A", "1");

    preparer.prepare("keeps", Preparer.HTTP);
    await("the new settings")
        .atMost(30, SECONDS)
        .until(() -> settings("keeps").get("A").equals("2"));
  }

  /** What the ConfigMap holds that the HTTP group's environment names first. */
  private static Map<String, String> settings(String app) {
    var container = cluster.deployment(app, "http").orElseThrow().getSpec().getTemplate().getSpec();
    var name =
        container.getContainers().getFirst().getEnvFrom().getFirst().getConfigMapRef().getName();
    return cluster
        .client
        .configMaps()
        .inNamespace(cluster.namespace)
        .withName(name)
        .get()
        .getData();
  }

  private static void deploy(String app, String source) {
    cluster.apply(app, SPEC.formatted(source));
    preparer.prepare(app, BOTH);
    await("both groups")
        .atMost(30, SECONDS)
        .until(() -> cluster.objects(Deployment.class, app).size() == 2);
    cluster.awaitReason(app, "PackageReady", "Prepared", 30);
  }

  private static ConfigMap configMap(String name, Map<String, String> labels) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withNamespace(cluster.namespace)
        .withName(name)
        .withLabels(labels)
        .endMetadata()
        .addToData("A", "1")
        .build();
  }

  private static String latest(String app) {
    return cluster.app(app).getStatus().getLatestCreatedRevision();
  }
}
