package dev.functionapp.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.TestApps;
import dev.functionapp.operator.plan.AppSpec;
import dev.functionapp.operator.plan.ComputeResources;
import dev.functionapp.operator.plan.Plan;
import dev.functionapp.operator.plan.Planner;
import dev.functionapp.operator.plan.Revision;
import dev.functionapp.operator.plan.SourceContent;
import dev.functionapp.operator.plan.StoredRevision;
import dev.functionapp.v1alpha1.FunctionApp;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Resources of groups, with those of the app of the same spec and of an earlier revision. */
class GroupResourcesTest {

  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  private static final Revision REVISION =
      new Revision(
          "r",
          "p",
          "inline@x",
          "worker",
          new SourceContent.Files(List.of()),
          new TreeMap<>(),
          new TreeMap<>());

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // requested with the limit of today's app, which an earlier revision's is below
        "{limits: {memory: 4Gi}} | {requests: {memory: 1Gi}} | {limits: {memory: 512Mi}} |"
            + " {memory=1Gi} | {memory=4Gi}",
        // limited with the request of today's app, which an earlier revision's is above
        "{requests: {cpu: 100m}} | {limits: {cpu: 200m}} | {requests: {cpu: 500m}} |"
            + " {cpu=100m} | {cpu=200m}",
        // requested where today's app has no limit
        "{} | {requests: {memory: 1Gi}} | {limits: {memory: 512Mi}} | {memory=1Gi} | {}",
        // a resource that the group does not name
        "{limits: {memory: 4Gi}} | {requests: {cpu: 2}} | {requests: {memory: 128Mi}, limits:"
            + " {memory: 512Mi}} | {cpu=2, memory=128Mi} | {memory=512Mi}",
      })
  @DisplayName("A group of today asks for what the API server accepts, whichever revision runs")
  void requestAndLimitOfAResourceAreOfOneSpec(
      String app, String group, String earlier, String requests, String limits) {
    var today = spec(app, group);
    var pinned = StoredRevision.of(spec(earlier, "{}"), REVISION).under(today);

    var found = resources(pinned);

    assertThat(found.requests()).hasToString(requests);
    assertThat(found.limits()).hasToString(limits);
  }

  @Test
  void fieldsOfTheGroupReplaceThoseOfTheApp() {
    var found =
        resources(
            spec(
                "{requests: {cpu: 100m, memory: 128Mi}, limits: {memory: 512Mi}}",
                "{limits: {cpu: 1, memory: 2Gi}}"));

    assertThat(found.requests()).hasToString("{cpu=100m, memory=128Mi}");
    assertThat(found.limits()).hasToString("{cpu=1, memory=2Gi}");
  }

  private static ComputeResources resources(AppSpec spec) {
    var index = TestApps.index(TestApps.queue("resize"));
    var plan = (Plan.Planned) new Planner(TestApps.PLATFORM).plan(spec, REVISION, index, true);
    return plan.plan().groups().getFirst().resources();
  }

  private static AppSpec spec(String resources, String groupResources) {
    var yaml =
        """
        apiVersion: functionapp.dev/v1alpha1
        kind: FunctionApp
        metadata: {name: orders, namespace: shop, uid: 0d9f5c1e-2c55-4a70-8a2e-0c6f1f1b7a11}
        spec:
          source: {inline: {files: {function_app.py: "x = 1"}}}
          resources: %s
          groups: [{name: queue-resize, resources: %s}]
        """;
    return AppSpecs.of(
        YAML.unmarshal(yaml.formatted(resources, groupResources), FunctionApp.class));
  }
}
