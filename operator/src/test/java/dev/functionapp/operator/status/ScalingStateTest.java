package dev.functionapp.operator.status;

import static dev.functionapp.operator.TestApps.PLATFORM;
import static dev.functionapp.operator.TestApps.blob;
import static dev.functionapp.operator.TestApps.index;
import static dev.functionapp.operator.TestApps.queue;
import static dev.functionapp.operator.TestApps.spec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.ScalingCases;
import dev.functionapp.operator.plan.AppPlan;
import dev.functionapp.operator.plan.Group;
import dev.functionapp.operator.plan.Index;
import dev.functionapp.operator.plan.Plan;
import dev.functionapp.operator.plan.Planner;
import dev.functionapp.operator.plan.Reason;
import dev.functionapp.operator.plan.Resolution;
import dev.functionapp.operator.plan.Revision;
import dev.functionapp.operator.plan.Revisions;
import dev.functionapp.operator.plan.SourceState;
import dev.functionapp.operator.resources.Deployments;
import dev.functionapp.operator.status.Finding.Verdict;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sh.keda.v1alpha1.ScaledObject;
import sh.keda.v1alpha1.ScaledObjectStatus;
import sh.keda.v1alpha1.scaledobjectstatus.Conditions;
import sh.keda.v1alpha1.scaledobjectstatus.TriggersActivity;

class ScalingStateTest {

  private static final Optional<String> WORKS = Optional.empty();
  private static final Optional<String> FAULT = Optional.of("KEDA does not work");

  @ParameterizedTest
  @CsvSource({
    "True, OK, Scaling",
    "Unknown, GOES_ON, KedaPending",
    // A queue that nobody has sent to yet looks so to KEDA.
    "False, NOTED, ScaledObjectNotReady",
  })
  void followsWhatKedaSaysOfTheScaledObject(String ready, Verdict verdict, Reason reason) {
    var plan = plan(true, queue("resize"));

    var finding = ScalingState.of(plan, Map.of(name(plan), scaledObject(ready)), WORKS);

    assertThat(finding.verdict()).isEqualTo(verdict);
    assertThat(finding.reason()).isEqualTo(reason);
  }

  @Test
  void aQueueThatCannotBeReadIsNamedWithItsSettingAndTheWordsOfKeda() {
    var plan = plan(true, queue("resize"));

    assertThat(ScalingState.of(plan, Map.of(name(plan), scaledObject("False")), WORKS).message())
        .contains("\"photos\"", "AzureWebJobsStorage", "TriggerError: triggers do not work");
  }

  @Test
  void aScaledObjectThatKedaHasNotSeenIsWaitedFor() {
    assertThat(ScalingState.of(plan(true, queue("resize")), Map.of(), WORKS).verdict())
        .isEqualTo(Verdict.GOES_ON);
  }

  @Test
  void withoutKedaQueueFunctionsRunUnscaled() {
    var finding = ScalingState.of(plan(false, queue("resize")), Map.of(), WORKS);

    assertThat(finding.verdict()).isEqualTo(Verdict.NOTED);
    assertThat(finding.reason()).isEqualTo(Reason.KedaNotInstalled);
  }

  @Test
  void whatNothingCanBeReadOfNeedsNoScaling() {
    assertThat(ScalingState.of(plan(true, blob("import")), Map.of(), WORKS).reason())
        .isEqualTo(Reason.NothingToScale);
  }

  @Test
  @DisplayName("A queue that is absent or whose connection is wrong is named, with its setting")
  void ofSeveralQueuesTheOnesThatWereReadAreNotNamed() {
    var plan = plan(group(ScalingCases.joined()));
    var scaledObject = scaledObject("Unknown", "PartialTriggerError");
    scaledObject
        .getStatus()
        .setTriggersActivity(
            Map.of(
                "s0-azure-queue-resize-queue", activity(true),
                "s1-azure-queue-thumbnail-queue", activity(false),
                "s2-metric-api-replicas", activity(true)));

    var finding = ScalingState.of(plan, Map.of(name(plan), scaledObject), WORKS);

    assertThat(finding.verdict()).isEqualTo(Verdict.NOTED);
    assertThat(finding.message())
        .contains("\"thumbnail-queue\"", "in the setting Orders", "PartialTriggerError")
        .doesNotContain("\"resize-queue\"", "scaling endpoint");
  }

  @Test
  void theScalingEndpointIsNamedWhereItIsAllThatCannotBeRead() {
    var plan = plan(group(scale("http")));
    var scaledObject = scaledObject("False", "TriggerError");

    assertThat(ScalingState.of(plan, Map.of(name(plan), scaledObject), WORKS).message())
        .contains("cannot read the operator's scaling endpoint (TriggerError")
        .doesNotContain("setting");
  }

  @Test
  void aGroupThatIsPausedAsAskedForIsAsItShouldBe() {
    var plan = plan(group(scale("paused")));
    var scaledObject = scaledObject("True", "ScaledObjectReady", condition("Paused", "True"));

    var finding = ScalingState.of(plan, Map.of(name(plan), scaledObject), WORKS);

    assertThat(finding.verdict()).isEqualTo(Verdict.OK);
    assertThat(finding.reason()).isEqualTo(Reason.Paused);
    assertThat(finding.message()).contains("paused", "queue-resize");
  }

  @Test
  void whereOtherGroupsScaleThePausedOnesAreNamed() {
    var paused = ScalingCases.group("queue-resize", scale("paused"));
    var scaled = ScalingCases.group("queue-mail", scale("queue"));
    var plan = plan(paused, scaled);

    var finding =
        ScalingState.of(
            plan,
            Map.of(
                Deployments.name(plan.spec().id().name(), paused),
                scaledObject("True", "ScaledObjectReady", condition("Paused", "True")),
                Deployments.name(plan.spec().id().name(), scaled),
                scaledObject("True", "ScaledObjectReady")),
            WORKS);

    assertThat(finding.verdict()).isEqualTo(Verdict.OK);
    assertThat(finding.reason()).isEqualTo(Reason.Scaling);
    assertThat(finding.message()).contains("paused", "queue-resize").doesNotContain("queue-mail");
  }

  @ParameterizedTest
  @CsvSource({"Paused, autoscaling.keda.sh/paused", "Fallback, spec.fallback"})
  void whatSomeoneElseHasKedaDoIsNoted(String type, String cause) {
    var plan = plan(group(scale("queue")));
    var scaledObject = scaledObject("True", "ScaledObjectReady", condition(type, "True"));

    var finding = ScalingState.of(plan, Map.of(name(plan), scaledObject), WORKS);

    assertThat(finding.verdict()).isEqualTo(Verdict.NOTED);
    assertThat(finding.reason()).isEqualTo(Reason.ScaledObjectNotReady);
    assertThat(finding.message()).contains(cause, name(plan), "not the app's");
  }

  @ParameterizedTest
  @DisplayName("KEDA is down")
  @CsvSource({"True, NOTED", "False, NOTED", "Unknown, GOES_ON"})
  void whileKedaDoesNotWorkOnlyWhatItHasNeverScaledIsNotReady(String ready, Verdict verdict) {
    var plan = plan(true, queue("resize"));

    var finding = ScalingState.of(plan, Map.of(name(plan), scaledObject(ready)), FAULT);

    assertThat(finding).isEqualTo(new Finding(verdict, Reason.KedaUnavailable, FAULT.get()));
  }

  @Test
  void oneGroupThatKedaHasNeverScaledIsEnough() {
    var old = ScalingCases.group("queue-resize", scale("queue"));
    var plan = plan(old, ScalingCases.group("queue-mail", scale("queue")));
    var name = Deployments.name(plan.spec().id().name(), old);

    var finding = ScalingState.of(plan, Map.of(name, scaledObject("True")), FAULT);

    assertThat(finding.verdict()).isEqualTo(Verdict.GOES_ON);
  }

  @Test
  void whatKedaIsNotToScaleNeedsItNot() {
    var paused = plan(group(scale("paused")));
    var scaledObject = scaledObject("True", "ScaledObjectReady", condition("Paused", "True"));

    assertThat(ScalingState.of(paused, Map.of(name(paused), scaledObject), FAULT).reason())
        .isEqualTo(Reason.Paused);
    assertThat(ScalingState.of(plan(true, blob("import")), Map.of(), FAULT).reason())
        .isEqualTo(Reason.NothingToScale);
    assertThat(ScalingState.of(plan(false, queue("resize")), Map.of(), FAULT).reason())
        .isEqualTo(Reason.KedaNotInstalled);
  }

  private static Group.Scaled scale(String name) {
    return (Group.Scaled) ScalingCases.all().get(name).scale();
  }

  private static Group group(Group.Scale scale) {
    return ScalingCases.group("queue-resize", scale);
  }

  private static AppPlan plan(Group... groups) {
    return new AppPlan(spec(), revision(), List.of(groups), List.of(), Optional.empty(), 30);
  }

  private static TriggersActivity activity(boolean active) {
    var activity = new TriggersActivity();
    activity.setIsActive(active);
    return activity;
  }

  private static AppPlan plan(boolean kedaInstalled, Index.Function function) {
    var plan = new Planner(PLATFORM).plan(spec(), revision(), index(function), kedaInstalled);
    return ((Plan.Planned) plan).plan();
  }

  private static Revision revision() {
    return ((Resolution.Resolved) Revisions.resolve(spec(), Map.of(), SourceState.NONE, PLATFORM))
        .revision();
  }

  private static String name(AppPlan plan) {
    return Deployments.name(plan.spec().id().name(), plan.groups().getFirst());
  }

  private static ScaledObject scaledObject(String ready) {
    return scaledObject(ready, "TriggerError");
  }

  private static ScaledObject scaledObject(String ready, String reason, Conditions... others) {
    var condition = condition("Ready", ready);
    condition.setReason(reason);
    condition.setMessage("triggers do not work");
    var status = new ScaledObjectStatus();
    status.setConditions(Stream.concat(Stream.of(condition), Stream.of(others)).toList());
    var scaledObject = new ScaledObject();
    scaledObject.getMetadata().setName("orders-queue-resize-b69e0035");
    scaledObject.setStatus(status);
    return scaledObject;
  }

  private static Conditions condition(String type, String status) {
    var condition = new Conditions();
    condition.setType(type);
    condition.setStatus(status);
    return condition;
  }
}
