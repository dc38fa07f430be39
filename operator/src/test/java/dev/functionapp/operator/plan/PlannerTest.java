package dev.functionapp.operator.plan;

import static dev.functionapp.operator.TestApps.PACKAGE;
import static dev.functionapp.operator.TestApps.PLATFORM;
import static dev.functionapp.operator.TestApps.blob;
import static dev.functionapp.operator.TestApps.broken;
import static dev.functionapp.operator.TestApps.connection;
import static dev.functionapp.operator.TestApps.exposed;
import static dev.functionapp.operator.TestApps.http;
import static dev.functionapp.operator.TestApps.index;
import static dev.functionapp.operator.TestApps.queue;
import static dev.functionapp.operator.TestApps.scaling;
import static dev.functionapp.operator.TestApps.spec;
import static dev.functionapp.operator.TestApps.timer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.plan.Trigger.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
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

    assertThat(plan.groups())
        .containsExactly(
            new Group(
                "timer", List.of("hourly", "nightly"), spec().resources(), new Group.Fixed(1)),
            new Group(
                "blob", List.of("archive", "import"), spec().resources(), new Group.Fixed(1)));
    assertThat(plan.url()).isEmpty();
  }

  @Test
  void theMinimumHoldsForBlobFunctionsAndOneReplicaIsEnoughForTimers() {
    var plan = (Plan.Planned) plan(with(scaling(3)), index(timer("nightly"), blob("import")), true);

    assertThat(plan.plan().groups())
        .extracting(Group::scale)
        .containsExactly(new Group.Fixed(1), new Group.Fixed(3));
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
  void aQueueGroupScalesOnWhatOneReplicaWorksOnAtATime() {
    assertThat(queueGroup(spec(), true))
        .isEqualTo(
            new Group.Scaled(
                0,
                20,
                Duration.ofSeconds(5),
                Duration.ofSeconds(60),
                false,
                List.of(
                    new Group.QueueLength(
                        "resize",
                        "photos",
                        24,
                        connection("AzureWebJobsStorage", Connection.Form.CONNECTION_STRING))),
                Optional.empty()));
  }

  @Test
  void theSpecsQueueLengthWins() {
    var scaling =
        new Scaling(1, 5, Duration.ofSeconds(5), Duration.ofSeconds(60), OptionalInt.of(3), 1);

    assertThat(queueGroup(with(scaling), true))
        .isInstanceOfSatisfying(
            Group.Scaled.class,
            scaled -> {
              assertThat(scaled.queues()).extracting(Group.QueueLength::length).containsExactly(3);
              assertThat(scaled.minReplicas()).isEqualTo(1);
              assertThat(scaled.maxReplicas()).isEqualTo(5);
            });
  }

  @Test
  void withoutKedaAQueueGroupRunsItsMinimumAndAtLeastOne() {
    assertThat(queueGroup(spec(), false))
        .isInstanceOfSatisfying(
            Group.Unscaled.class,
            unscaled -> {
              assertThat(unscaled.minReplicas()).isEqualTo(1);
              assertThat(unscaled.reason()).isEqualTo(Reason.KedaNotInstalled);
              assertThat(unscaled.message()).contains("https://keda.sh");
            });
    assertThat(queueGroup(with(scaling(3)), false))
        .isInstanceOfSatisfying(
            Group.Unscaled.class, unscaled -> assertThat(unscaled.minReplicas()).isEqualTo(3));
  }

  @Test
  void aQueueByIdentityWhoseAccountIsNotKnownIsNotScaledAndSaysWhatToSet() {
    var plan = planned(index(queue("resize", Connection.Form.IDENTITY)));

    assertThat(plan.groups().getFirst().scale())
        .isInstanceOfSatisfying(
            Group.Unscaled.class,
            unscaled -> {
              assertThat(unscaled.reason()).isEqualTo(Reason.ConnectionNotSupported);
              assertThat(unscaled.message())
                  .contains("\"photos\"", "AzureWebJobsStorage__accountName");
            });
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

  private static Group.Scale queueGroup(AppSpec spec, boolean kedaInstalled) {
    var plan = (Plan.Planned) plan(spec, index(queue("resize")), kedaInstalled);
    return plan.plan().groups().getFirst().scale();
  }

  private static AppPlan planned(Index index) {
    return ((Plan.Planned) plan(spec(), index, true)).plan();
  }

  private static Plan plan(AppSpec spec, Index index, boolean kedaInstalled) {
    return new Planner(PLATFORM).plan(spec, REVISION, index, kedaInstalled);
  }

  private static AppSpec with(Scaling scaling) {
    var spec = spec();
    return new AppSpec(
        spec.id(),
        spec.pythonVersion(),
        spec.image(),
        spec.source(),
        spec.build(),
        spec.settings(),
        spec.settingsFrom(),
        spec.env(),
        spec.workers(),
        spec.resources(),
        scaling,
        spec.http(),
        spec.rollout(),
        spec.reconcileAt());
  }
}
