package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.functionapp.operator.ScalingCases;
import dev.functionapp.operator.TestApps;
import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.Group;
import dev.functionapp.operator.plan.Resolution;
import dev.functionapp.operator.plan.Revision;
import dev.functionapp.operator.plan.Revisions;
import dev.functionapp.operator.plan.SourceState;
import dev.functionapp.operator.resources.ScaledObjects;
import dev.functionapp.operator.resources.TriggerAuthentications;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sh.keda.v1alpha1.ScaledObject;
import sh.keda.v1alpha1.TriggerAuthentication;

/** What KEDA is given, under KEDA's own definitions. */
class KedaObjectsIT {

  private static final String SPEC = "{source: {inline: {files: {function_app.py: \"%s\"}}}}";
  private static final String IN_ONE_GROUP =
      "{source: {inline: {files: {function_app.py: moves}}}, groups: [{name: web, functions:"
          + " [upload, resize]}]}";
  private static final String APART =
      "{source: {inline: {files: {function_app.py: moves}}}, functions: {resize: {disabled:"
          + " true}}}";
  private static final KubernetesSerialization JSON = new KubernetesSerialization();

  private static Cluster cluster;
  private static Preparer preparer;

  @BeforeAll
  static void start() {
    cluster = Cluster.withKeda();
    preparer = new Preparer(cluster);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  static Stream<String> cases() {
    return ScalingCases.all().keySet().stream();
  }

  /** The API server refuses a field that KEDA's definitions do not have. */
  @ParameterizedTest
  @MethodSource("cases")
  void everyFieldIsTakenAndApplyingAgainChangesNothing(String name) {
    for (var object : objects(name, ScalingCases.all().get(name))) {
      var first = apply(object);
      var second = apply(object);

      assertThat(JSON.asJson(specOf(first))).isEqualTo(JSON.asJson(specOf(object)));
      assertThat(second.getMetadata().getResourceVersion())
          .isEqualTo(first.getMetadata().getResourceVersion());
    }
  }

  @Test
  void anotherIdentityIsThereBeforeItIsReferredToAndTheFormerGoesAfterwards() {
    deploy("moves", "first", identity("11111111-0000-4000-8000-000000000001"));
    var former = authentication("moves");
    assertThat(referredTo("moves")).isEqualTo(former.getMetadata().getName());

    cluster.apply("moves", SPEC.formatted("second"));
    preparer.prepare("moves", identity("11111111-0000-4000-8000-000000000002"));
    await("the other identity alone")
        .atMost(60, SECONDS)
        .until(() ->
            cluster.objects(TriggerAuthentication.class, "moves").size() == 1
                && !authentication("moves")
                    .getMetadata()
                    .getName()
                    .equals(former.getMetadata().getName()));
    var latter = authentication("moves");

    assertThat(referredTo("moves")).isEqualTo(latter.getMetadata().getName());
    assertThat(latter.getSpec().getPodIdentity().getIdentityId()).endsWith("2");
    assertThat(created(latter)).isLessThan(created(scaledObject("moves")));
  }

  @Test
  void whatSomeoneChangesIsPutRightAndAnAppThatIsAsWantedIsLeftAlone() {
    deploy("calm", "calm", identity("11111111-0000-4000-8000-000000000003"));
    cluster.awaitReason("calm", "ScalingReady", "KedaPending", 60);
    var before = cluster.versions("calm");
    double writes = cluster.writes();
    double passes = cluster.passes();

    cluster
        .client
        .resource(scaledObject("calm"))
        .edit(object -> {
          object.getMetadata().getAnnotations().put("it/touched", "yes");
          return object;
        });
    await("another pass").atMost(60, SECONDS).until(() -> cluster.passes() > passes);
    assertThat(cluster.writes()).isEqualTo(writes);
    assertThat(cluster.versions("calm").keySet()).isEqualTo(before.keySet());

    cluster.client.resource(authentication("calm")).delete();
    cluster.client.resource(budget("calm")).delete();
    await("what was deleted")
        .atMost(60, SECONDS)
        .until(() -> cluster.versions("calm").keySet().equals(before.keySet()));
  }

  @Test
  void aGroupThatIsGoneTakesItsBudgetAndItsIdentityWithIt() {
    deploy(
        "shrinks", "first", Preparer.HTTP + "," + identity("11111111-0000-4000-8000-000000000004"));
    assertThat(cluster.objects(PodDisruptionBudget.class, "shrinks")).hasSize(2);

    cluster.apply("shrinks", SPEC.formatted("second"));
    preparer.prepare("shrinks", Preparer.HTTP);
    await("the second revision in the group that stays")
        .atMost(60, SECONDS)
        .until(() ->
            new Workloads(cluster)
                .revision("shrinks", "http")
                .equals(cluster.app("shrinks").getStatus().getLatestCreatedRevision()));
    new Workloads(cluster).succeed("shrinks", "http");

    await("the other group to go")
        .atMost(60, SECONDS)
        .until(() ->
            cluster.objects(PodDisruptionBudget.class, "shrinks").size() == 1
                && cluster.objects(TriggerAuthentication.class, "shrinks").isEmpty());
  }

  @Test
  void anIdentityStaysAsLongAsAGroupThatServesOnRefersToIt() {
    var workloads = new Workloads(cluster);
    cluster.apply("moves-http", IN_ONE_GROUP);
    preparer.prepare(
        "moves-http", Preparer.HTTP + "," + identity("11111111-0000-4000-8000-000000000005"));
    await("the group").atMost(60, SECONDS).until(() -> hasGroup("moves-http", "web"));
    workloads.succeed("moves-http", "web");
    await("the revision to be found good")
        .atMost(60, SECONDS)
        .until(() -> cluster.app("moves-http").getStatus().getLatestReadyRevision() != null);

    var apart = cluster.apply("moves-http", APART);
    await("a pass over it")
        .atMost(60, SECONDS)
        .until(() ->
            apart
                .getMetadata()
                .getGeneration()
                .equals(cluster.app("moves-http").getStatus().getObservedGeneration()));
    assertThat(hasGroup("moves-http", "http")).isTrue();
    assertThat(hasGroup("moves-http", "web")).isTrue();
    assertThat(cluster.objects(TriggerAuthentication.class, "moves-http")).hasSize(1);

    workloads.succeed("moves-http", "http");
    await("the identity to go with the group before")
        .atMost(60, SECONDS)
        .until(() ->
            cluster.objects(TriggerAuthentication.class, "moves-http").isEmpty()
                && !hasGroup("moves-http", "web"));
  }

  private static boolean hasGroup(String app, String group) {
    return cluster.deployment(app, group).isPresent();
  }

  private static List<HasMetadata> objects(String name, Group group) {
    var app = cluster.apply("case-" + name, SPEC.formatted(name));
    var id = new AppId(cluster.namespace, "case-" + name, app.getMetadata().getUid());
    var scale = (Group.Scaled) group.scale();
    var objects = new ArrayList<HasMetadata>(TriggerAuthentications.of(id, scale));
    objects.add(ScaledObjects.scaledObject(id, group, scale, revision(), TestApps.PLATFORM));
    return objects;
  }

  private static Revision revision() {
    var resolved =
        Revisions.resolve(TestApps.spec(), Map.of(), SourceState.NONE, TestApps.PLATFORM);
    return ((Resolution.Resolved) resolved).revision();
  }

  private static HasMetadata apply(HasMetadata object) {
    return cluster.client.resource(object).fieldManager("it").forceConflicts().serverSideApply();
  }

  private static Object specOf(HasMetadata object) {
    return switch (object) {
      case ScaledObject scaledObject -> scaledObject.getSpec();
      case TriggerAuthentication authentication -> authentication.getSpec();
      default -> throw new AssertionError(object.getKind());
    };
  }

  private static void deploy(String app, String source, String functions) {
    cluster.apply(app, SPEC.formatted(source));
    preparer.prepare(app, functions);
    await("its ScaledObject")
        .atMost(60, SECONDS)
        .until(() -> !cluster.objects(ScaledObject.class, app).isEmpty());
    cluster.awaitReason(app, "PackageReady", "Prepared", 60);
  }

  private static String identity(String clientId) {
    return """
    {"name": "resize", "trigger": {"type": "queueTrigger", "queueName": "photos",
     "connection": {"setting": "Orders", "form": "Identity", "accountName": "orders1",
                    "endpointSuffix": "core.windows.net", "clientId": "%s"}}}\
    """
        .formatted(clientId);
  }

  private static ScaledObject scaledObject(String app) {
    return cluster.objects(ScaledObject.class, app).getFirst();
  }

  private static TriggerAuthentication authentication(String app) {
    return cluster.objects(TriggerAuthentication.class, app).getFirst();
  }

  private static PodDisruptionBudget budget(String app) {
    return cluster.objects(PodDisruptionBudget.class, app).getFirst();
  }

  private static String referredTo(String app) {
    return scaledObject(app).getSpec().getTriggers().getFirst().getAuthenticationRef().getName();
  }

  /** Versions of one store only grow. */
  private static long created(HasMetadata object) {
    return Long.parseLong(object.getMetadata().getResourceVersion());
  }
}
