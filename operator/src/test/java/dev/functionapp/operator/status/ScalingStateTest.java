package dev.functionapp.operator.status;

import static dev.functionapp.operator.TestApps.PLATFORM;
import static dev.functionapp.operator.TestApps.http;
import static dev.functionapp.operator.TestApps.index;
import static dev.functionapp.operator.TestApps.queue;
import static dev.functionapp.operator.TestApps.spec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.plan.AppPlan;
import dev.functionapp.operator.plan.Index;
import dev.functionapp.operator.plan.Plan;
import dev.functionapp.operator.plan.Planner;
import dev.functionapp.operator.plan.Reason;
import dev.functionapp.operator.plan.Resolution;
import dev.functionapp.operator.plan.Revisions;
import dev.functionapp.operator.plan.SourceState;
import dev.functionapp.operator.resources.Deployments;
import dev.functionapp.operator.status.Finding.Verdict;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sh.keda.v1alpha1.ScaledObject;
import sh.keda.v1alpha1.ScaledObjectStatus;
import sh.keda.v1alpha1.scaledobjectstatus.Conditions;

class ScalingStateTest {

  @ParameterizedTest
  @CsvSource({
    "True, OK, Scaling",
    "Unknown, GOES_ON, KedaPending",
    // A queue that nobody has sent to yet looks so to KEDA.
    "False, NOTED, ScaledObjectNotReady",
  })
  void followsWhatKedaSaysOfTheScaledObject(String ready, Verdict verdict, Reason reason) {
    var plan = plan(true, queue("resize"));

    var finding = ScalingState.of(plan, Map.of(name(plan), scaledObject(ready)));

    assertThat(finding.verdict()).isEqualTo(verdict);
    assertThat(finding.reason()).isEqualTo(reason);
  }

  @Test
  void aQueueThatCannotBeReadIsNamedWithItsSettingAndTheWordsOfKeda() {
    var plan = plan(true, queue("resize"));

    assertThat(ScalingState.of(plan, Map.of(name(plan), scaledObject("False"))).message())
        .contains("\"photos\"", "AzureWebJobsStorage", "TriggerError: triggers do not work");
  }

  @Test
  void aScaledObjectThatKedaHasNotSeenIsWaitedFor() {
    assertThat(ScalingState.of(plan(true, queue("resize")), Map.of()).verdict())
        .isEqualTo(Verdict.GOES_ON);
  }

  @Test
  void withoutKedaQueueFunctionsRunUnscaled() {
    var finding = ScalingState.of(plan(false, queue("resize")), Map.of());

    assertThat(finding.verdict()).isEqualTo(Verdict.NOTED);
    assertThat(finding.reason()).isEqualTo(Reason.KedaNotInstalled);
  }

  @Test
  void httpFunctionsNeedNoScaling() {
    assertThat(ScalingState.of(plan(false, http("upload")), Map.of()).reason())
        .isEqualTo(Reason.NothingToScale);
  }

  private static AppPlan plan(boolean kedaInstalled, Index.Function function) {
    var revision =
        ((Resolution.Resolved) Revisions.resolve(spec(), Map.of(), SourceState.NONE, PLATFORM))
            .revision();
    var plan = new Planner(PLATFORM).plan(spec(), revision, index(function), kedaInstalled);
    return ((Plan.Planned) plan).plan();
  }

  private static String name(AppPlan plan) {
    return Deployments.name(plan.spec().id().name(), plan.groups().getFirst());
  }

  private static ScaledObject scaledObject(String ready) {
    var condition = new Conditions();
    condition.setType("Ready");
    condition.setStatus(ready);
    condition.setReason("TriggerError");
    condition.setMessage("triggers do not work");
    var status = new ScaledObjectStatus();
    status.setConditions(List.of(condition));
    var scaledObject = new ScaledObject();
    scaledObject.setStatus(status);
    return scaledObject;
  }
}
