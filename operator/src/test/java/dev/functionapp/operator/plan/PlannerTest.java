package dev.functionapp.operator.plan;

import static dev.functionapp.operator.TestApps.PACKAGE;
import static dev.functionapp.operator.TestApps.PLATFORM;
import static dev.functionapp.operator.TestApps.blob;
import static dev.functionapp.operator.TestApps.broken;
import static dev.functionapp.operator.TestApps.exposed;
import static dev.functionapp.operator.TestApps.http;
import static dev.functionapp.operator.TestApps.index;
import static dev.functionapp.operator.TestApps.queue;
import static dev.functionapp.operator.TestApps.scaling;
import static dev.functionapp.operator.TestApps.spec;
import static dev.functionapp.operator.TestApps.timer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.AppSpecBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PlannerTest {

  private static final Revision REVISION =
      new Revision(
          "r",
          "p",
          "inline@x",
          "worker",
          new SourceContent.Files(List.of()),
          new TreeMap<>(),
          new TreeMap<>());

  @Test
  void httpFunctionsShareAGroupAndEachQueueFunctionHasItsOwn() {
    var plan = planned(index(http("upload"), queue("resize"), http("get"), queue("Mail_A")));

    assertThat(plan.groups())
        .extracting(Group::name)
        .containsExactly("http", "queue-Mail_A", "queue-resize");
    assertThat(plan.groups().getFirst().functions()).containsExactly("get", "upload");
  }

  @Test
  void timersShareAGroupAndBlobFunctionsShareAnother() {
    var plan = planned(index(timer("nightly"), blob("import"), timer("hourly"), blob("archive")));

    assertThat(plan.groups()).extracting(Group::name).containsExactly("timer", "blob");
    assertThat(plan.groups())
        .extracting(Group::functions)
        .containsExactly(List.of("hourly", "nightly"), List.of("archive", "import"));
    assertThat(plan.url()).isEmpty();
  }

  @Test
  @DisplayName("Groups: the app's resources and scaling hold where the group says nothing else")
  void aGroupHasResourcesAndScalingOfItsOwn() {
    var own = new ComputeResources(new TreeMap<>(), new TreeMap<>(Map.of("memory", "2Gi")));
    var images = new GroupSpec("images", List.of("resize", "thumbnail"), own, scaling(3));
    var spec = with(scaling(0), images);

    var plan = planned(spec, index(queue("resize"), queue("thumbnail"), queue("mail")));

    assertThat(plan.groups()).extracting(Group::name).containsExactly("images", "queue-mail");
    assertThat(plan.groups().getFirst().functions()).containsExactly("resize", "thumbnail");
    assertThat(plan.groups().getFirst().resources().limits())
        .containsExactlyInAnyOrderEntriesOf(Map.of("cpu", "1", "memory", "2Gi"));
    assertThat(plan.groups().getLast().resources().limits()).containsEntry("memory", "512Mi");
    assertThat(plan.groups())
        .extracting(group -> ((Group.Scaled) group.scale()).minReplicas())
        .containsExactly(3, 0);
  }

  @Test
  void theHttpGroupIsTheOneThatHasTheHttpFunctions() {
    var web = group("web", "resize", "upload");

    var plan = planned(with(scaling(0), web), index(http("upload"), queue("resize")));

    assertThat(plan.httpGroup()).contains("web");
    assertThat(plan.url()).isPresent();
  }

  @Test
  void anArrangementThatCannotBeIsRejected() {
    var plan =
        plan(with(scaling(0), group("web", "upload")), index(http("upload"), http("get")), true);

    assertThat(plan)
        .isInstanceOfSatisfying(
            Plan.Rejected.class,
            rejected -> {
              assertThat(rejected.reason()).isEqualTo(Reason.GroupsInvalid);
              assertThat(rejected.message()).contains("http: get", "web: upload");
            });
  }

  @Test
  void aFunctionThatTheSpecDisablesIsInNoGroup() {
    var disabled = new TreeMap<>(Map.of("get", true, "upload", false));
    var spec = with(scaling(0), new Arrangement(List.of(), disabled, false));

    var plan = planned(spec, index(http("upload"), http("get"), queue("resize")));

    assertThat(plan.groups().getFirst().functions()).containsExactly("upload");
    assertThat(plan.functions())
        .filteredOn(PlannedFunction::disabled)
        .extracting(placed -> placed.function().name())
        .containsExactly("get");
  }

  @Test
  void namesThatTheAppDoesNotHaveAreTold() {
    var arrangement =
        new Arrangement(
            List.of(group("images", "rezise", "resize"), group("timer"), group("queue-mail")),
            new TreeMap<>(Map.of("nightli", true)),
            false);

    var plan = planned(with(scaling(0), arrangement), index(queue("resize"), queue("mail")));

    assertThat(plan.unknownNames())
        .containsExactly(
            "spec.groups[0].functions: the app has no function \"rezise\"; name one of mail,"
                + " resize, or remove it",
            "spec.groups[1].name: the app has no group \"timer\"; name one of queue-mail,"
                + " queue-resize, or remove it",
            "spec.functions: the app has no function \"nightli\"; name one of mail, resize, or"
                + " remove it");
  }

  @Test
  void whereTheAppIsStoppedEveryGroupIs() {
    var stopped = new Arrangement(List.of(), new TreeMap<>(), true);

    var plan = planned(with(scaling(3), stopped), index(http("upload"), queue("resize")));

    assertThat(plan.groups())
        .extracting(Group::scale)
        .containsExactly(new Group.Stopped(), new Group.Stopped());
    assertThat(plan.isStopped()).isTrue();
  }

  @Test
  void aBrokenOrDisabledFunctionIsInNoGroupAndTheOthersRun() {
    var disabled = new Index.Function("off", true, http("off").trigger(), Optional.empty());

    var plan = planned(index(http("upload"), broken("bad"), disabled));

    assertThat(plan.groups()).extracting(Group::functions).containsExactly(List.of("upload"));
    assertThat(plan.functions())
        .extracting(placed -> placed.function().name())
        .containsExactly("bad", "off", "upload");
  }

  @Test
  void urlsHaveTheFirstHostnameThatIsOne() {
    var plan = exposedPlan(exposed("*.shop.example", "shop.example"), http("upload"));

    assertThat(plan.url()).contains("https://shop.example");
    assertThat(plan.functions().getFirst().url())
        .contains("https://shop.example/api/photos/{name}");
    assertThat(plan.exposure()).isPresent();
  }

  @Test
  void withoutTlsTheUrlIsPlainHttpAndWithWildcardsAloneItIsInsideTheCluster() {
    var open =
        new Exposure(
            List.of("shop.example"),
            new Exposure.ByIngress(Optional.empty()),
            Optional.empty(),
            new TreeMap<>());

    assertThat(exposedPlan(open, http("upload")).url()).contains("http://shop.example");
    assertThat(exposedPlan(exposed("*.shop.example"), http("upload")).url())
        .contains("http://orders.shop.svc.cluster.local");
  }

  @Test
  void anAppWithoutHttpFunctionsIsNotExposed() {
    var plan = exposedPlan(exposed("shop.example"), queue("resize"));

    assertThat(plan.url()).isEmpty();
    assertThat(plan.exposure()).isEmpty();
  }

  private static AppPlan exposedPlan(Exposure exposure, Index.Function function) {
    return ((Plan.Planned) plan(spec(exposure), index(function), true)).plan();
  }

  @Test
  void anAppWhoseFunctionsAreAllBrokenIsRejectedWithTheirErrors() {
    var plan = plan(spec(), index(broken("a"), broken("b")), true);

    assertThat(plan)
        .isInstanceOfSatisfying(
            Plan.Rejected.class,
            rejected -> {
              assertThat(rejected.reason()).isEqualTo(Reason.NoFunctionLoads);
              assertThat(rejected.message()).contains("a: no module named x", "b: ");
              assertThat(rejected.functions()).hasSize(2);
            });
  }

  @Test
  void anAppWithoutFunctionsIsRejected() {
    assertThat(plan(spec(), index(), true))
        .isInstanceOfSatisfying(
            Plan.Rejected.class,
            rejected -> assertThat(rejected.reason()).isEqualTo(Reason.NoFunctionFound));
  }

  @Test
  void urlsNameServiceAndPrefixAndRoute() {
    var plan = planned(index(http("upload")));

    assertThat(plan.url()).contains("http://orders.shop.svc.cluster.local");
    assertThat(plan.functions().getFirst().url())
        .contains("http://orders.shop.svc.cluster.local/api/photos/{name}");
  }

  @Test
  void anEmptyPrefixLeavesNoSecondSlash() {
    var index =
        new Index(Optional.of(PACKAGE), OptionalLong.empty(), "", 24, List.of(http("upload")));

    assertThat(planned(index).functions().getFirst().url())
        .contains("http://orders.shop.svc.cluster.local/photos/{name}");
  }

  @Test
  void anAppWithoutHttpFunctionsHasNoUrl() {
    assertThat(planned(index(queue("resize"))).url()).isEmpty();
  }

  @Test
  void workersMayDrainAndFinishForTheFunctionTimeoutButNotLongerThanFiveMinutes() {
    assertThat(grace(OptionalLong.of(90))).isEqualTo(105);
    assertThat(grace(OptionalLong.of(1800))).isEqualTo(315);
    assertThat(grace(OptionalLong.empty())).isEqualTo(315);
  }

  private static int grace(OptionalLong timeout) {
    return planned(new Index(Optional.of(PACKAGE), timeout, "api", 24, List.of(http("upload"))))
        .gracePeriodSeconds();
  }

  private static AppPlan planned(Index index) {
    return planned(spec(), index);
  }

  private static AppPlan planned(AppSpec spec, Index index) {
    return ((Plan.Planned) plan(spec, index, true)).plan();
  }

  private static Plan plan(AppSpec spec, Index index, boolean kedaInstalled) {
    return new Planner(PLATFORM).plan(spec, REVISION, index, kedaInstalled);
  }

  private static GroupSpec group(String name, String... functions) {
    var nothing = new ComputeResources(new TreeMap<>(), new TreeMap<>());
    return new GroupSpec(name, List.of(functions), nothing, scaling(0));
  }

  private static AppSpec with(Scaling scaling, GroupSpec... groups) {
    return with(scaling, new Arrangement(List.of(groups), new TreeMap<>(), false));
  }

  private static AppSpec with(Scaling scaling, Arrangement arrangement) {
    return AppSpecBuilder.from(spec())
        .resources(
            new ComputeResources(
                new TreeMap<>(), new TreeMap<>(Map.of("cpu", "1", "memory", "512Mi"))))
        .scaling(scaling)
        .arrangement(arrangement)
        .build();
  }
}
