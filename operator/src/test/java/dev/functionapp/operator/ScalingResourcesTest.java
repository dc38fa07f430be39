package dev.functionapp.operator;

import static dev.functionapp.operator.TestApps.ID;
import static dev.functionapp.operator.TestApps.PLATFORM;
import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.plan.AppPlan;
import dev.functionapp.operator.plan.Group;
import dev.functionapp.operator.plan.Resolution;
import dev.functionapp.operator.plan.Revision;
import dev.functionapp.operator.plan.Revisions;
import dev.functionapp.operator.plan.SourceState;
import dev.functionapp.operator.resources.Deployments;
import dev.functionapp.operator.resources.ScaledObjects;
import dev.functionapp.operator.resources.TriggerAuthentications;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What scales a group: the annotation of its Deployment, and KEDA's objects, as {@code
 * scaling/<case>.yaml} has them. With the system property {@code golden.write} the files are
 * written anew, to be read before they are committed.
 */
class ScalingResourcesTest {

  private static final Path CASES = Path.of("src/test/resources/scaling");
  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  static Stream<String> cases() {
    return ScalingCases.all().keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void objectsAreAsWritten(String name) throws IOException {
    var file = CASES.resolve(name + ".yaml");
    var yaml = yaml(ScalingCases.all().get(name));
    if (Boolean.getBoolean("golden.write")) {
      Files.writeString(file, yaml);
    }
    assertThat(yaml).as(file.toString()).isEqualTo(Files.readString(file));
  }

  @Test
  void anotherRevisionHasKedaReadTheConnectionsAnew() {
    var group = ScalingCases.all().get("joined");
    var scale = (Group.Scaled) group.scale();
    var before = ScaledObjects.scaledObject(ID, group, scale, revision("a"), PLATFORM);
    var after = ScaledObjects.scaledObject(ID, group, scale, revision("b"), PLATFORM);

    assertThat(after.getSpec()).isNotEqualTo(before.getSpec());
  }

  private static String yaml(Group group) {
    var scale = (Group.Scaled) group.scale();
    var revision = revision("3f9c0a12be");
    var plan =
        new AppPlan(TestApps.spec(), revision, List.of(group), List.of(), Optional.empty(), 30);
    var annotations =
        Map.of(
            "annotations",
            Deployments.deployment(plan, group, PLATFORM).getMetadata().getAnnotations());
    return Stream.of(
            Stream.of(annotations),
            TriggerAuthentications.of(ID, scale).stream(),
            Stream.of(ScaledObjects.scaledObject(ID, group, scale, revision, PLATFORM)))
        .flatMap(objects -> objects)
        .map(YAML::asYaml)
        .collect(Collectors.joining());
  }

  private static Revision revision(String name) {
    var resolved = Revisions.resolve(TestApps.spec(), Map.of(), SourceState.NONE, PLATFORM);
    var revision = ((Resolution.Resolved) resolved).revision();
    return new Revision(
        name,
        revision.packageKey(),
        revision.source(),
        revision.image(),
        revision.content(),
        revision.settingsData(),
        revision.envValues());
  }
}
