package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Functions move between groups, and nobody who calls or sends notices. */
@DisplayName("Functions are grouped as the spec says")
class GroupsIT {

  private static final String BOTH = Preparer.HTTP + "," + Preparer.QUEUE;

  private static Cluster cluster;
  private static Preparer preparer;
  private static Workloads workloads;

  @BeforeAll
  static void start() {
    cluster = new Cluster();
    preparer = new Preparer(cluster);
    workloads = new Workloads(cluster);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void theGroupBeforeServesUntilTheNextOneIsReady() {
    deploy("moves");
    workloads.succeed("moves", "http");
    workloads.succeed("moves", "queue-resize");
    cluster.awaitReason("moves", "Ready", "Ready", 30);
    var before = object("moves", "http");
    var jobs = cluster.objects(Job.class, "moves").stream().map(GroupsIT::uid).toList();

    cluster.apply(
        "moves",
        spec(
            "moves",
            "groups: [{name: web, functions: [upload, resize], resources: {limits: {memory:"
                + " 1Gi}}}]"));
    await("the next group")
        .atMost(30, SECONDS)
        .until(() -> cluster.deployment("moves", "web").isPresent());
    await("the spec is seen").atMost(30, SECONDS).until(() -> seen("moves"));
    assertThat(selected("moves")).isEqualTo(before);
    assertThat(cluster.deployment("moves", "http")).isPresent();
    assertThat(container("moves", "web").getResources().getLimits().get("memory").toString())
        .isEqualTo("1Gi");

    workloads.succeed("moves", "web");

    await("callers are led to the next one")
        .atMost(30, SECONDS)
        .until(() -> selected("moves").equals(object("moves", "web")));
    await("the ones before are gone")
        .atMost(30, SECONDS)
        .until(() -> cluster.objects(Deployment.class, "moves").size() == 1);
    assertThat(cluster.objects(Job.class, "moves").stream().map(GroupsIT::uid)).isSubsetOf(jobs);
    assertThat(workloads.revision("moves", "web"))
        .isEqualTo(cluster.app("moves").getStatus().getLatestReadyRevision());
  }

  @Test
  void whatCannotBeArrangedIsSaidAndWhatRunsStays() {
    deploy("scattered", Preparer.HTTP + "," + Preparer.HTTP.replace("upload", "get"));
    var before = cluster.deployment("scattered", "http").orElseThrow().getSpec();

    cluster.apply("scattered", spec("scattered", "groups: [{name: web, functions: [upload]}]"));
    cluster.awaitReason("scattered", "Stalled", "GroupsInvalid", 30);
    assertThat(cluster.condition("scattered", "Ready").orElseThrow().getMessage())
        .contains("http: get; web: upload", "one Service leads to them");
    assertThat(cluster.deployment("scattered", "http").orElseThrow().getSpec()).isEqualTo(before);

    cluster.apply("scattered", spec("scattered", "groups: []"));
    await("it is well again")
        .atMost(30, SECONDS)
        .until(() ->
            cluster
                .condition("scattered", "Stalled")
                .filter(found -> found.getStatus().getValue().equals("False"))
                .isPresent());
  }

  @Test
  void aDisabledFunctionIsTakenOutAndAnUnknownOneIsNamed() {
    deploy("disables");
    var revision = workloads.revision("disables", "http");

    cluster.apply(
        "disables", spec("disables", "functions: {resize: {disabled: true}, nobody: {}}"));

    await("its group is gone")
        .atMost(30, SECONDS)
        .until(() -> cluster.deployment("disables", "queue-resize").isEmpty());
    cluster.awaitReason("disables", "FunctionsLoaded", "FunctionNotFound", 30);
    assertThat(cluster.condition("disables", "FunctionsLoaded").orElseThrow().getMessage())
        .contains("spec.functions", "\"nobody\"", "resize, upload");
    assertThat(cluster.app("disables").getStatus().getFunctions())
        .filteredOn(function -> function.getName().equals("resize"))
        .singleElement()
        .satisfies(function -> assertThat(function.getReason()).isEqualTo("Disabled"));
    assertThat(workloads.revision("disables", "http")).isEqualTo(revision);
    assertThat(cluster.app("disables").getStatus().getLatestCreatedRevision()).isEqualTo(revision);
  }

  private static void deploy(String app) {
    deploy(app, BOTH);
  }

  private static void deploy(String app, String functions) {
    cluster.apply(app, spec(app, "groups: []"));
    preparer.prepare(app, functions);
    await("its groups")
        .atMost(30, SECONDS)
        .until(() -> cluster.deployment(app, "http").isPresent());
    cluster.awaitReason(app, "PackageReady", "Prepared", 30);
  }

  private static String spec(String source, String more) {
    return "{source: {inline: {files: {function_app.py: \"%s\"}}}, %s}".formatted(source, more);
  }

  private static boolean seen(String app) {
    var found = cluster.app(app);
    return found.getMetadata().getGeneration().equals(found.getStatus().getObservedGeneration());
  }

  private static Container container(String app, String group) {
    var template = cluster.deployment(app, group).orElseThrow().getSpec().getTemplate();
    return template.getSpec().getContainers().getFirst();
  }

  private static String object(String app, String group) {
    return cluster.deployment(app, group).orElseThrow().getMetadata().getName();
  }

  /** The group that the app's Service leads to. */
  private static String selected(String app) {
    List<Service> services = cluster.objects(Service.class, app);
    return services.getFirst().getSpec().getSelector().get("functionapp.dev/group");
  }

  private static String uid(Job job) {
    return job.getMetadata().getUid();
  }
}
