package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.app.Status;
import dev.functionapp.e2e.support.AppManifest;
import dev.functionapp.e2e.support.SideBySide;
import dev.functionapp.e2e.support.TestNamespace;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A mistake is told at the earliest place, in words that say where it is and what to do; the rest runs. */
@SideBySide
class BadInputE2E {

  private static final Map<String, Object> HTTP_TRIGGER =
      Map.of("type", "httpTrigger", "direction", "in", "name", "req", "authLevel", "anonymous");
  private static final Map<String, Object> HTTP_OUTPUT = Map.of("type", "http", "direction", "out", "name", "$return");

  private final TestNamespace namespace;

  BadInputE2E(TestNamespace namespace) {
    this.namespace = namespace;
  }

  @Test
  void theApiServerRefusesWhatTheObjectAloneShows() {
    Map<String, Object> inline = Map.of("files", Map.of("host.json", "{}"));
    assertThat(namespace.refusal(AppManifest.named("two").spec("source", Map.of("inline", inline, "configMap", Map.of("name", "code")))))
        .contains("set exactly one of inline, configMap, git, archive, oci, image; set: inline configMap");
    assertThat(namespace.refusal(AppManifest.named("none").spec("source", Map.of())))
        .contains("set exactly one of inline, configMap, git, archive, oci, image; set: none");
    assertThat(namespace.refusal(AppManifest.named("limits").echo().scaling("minReplicas", 3).scaling("maxReplicas", 2)))
        .contains("minReplicas (3) must not exceed maxReplicas (2)");
    assertThat(namespace.refusal(AppManifest.named("equals").echo().setting("A=B", "c")))
        .contains("the setting name \"A=B\" is not allowed");
  }

  @Test
  void aMissingSourceHealsWhenItAppears() {
    AppManifest files = AppManifest.named("sourceless").echo().setting("HEALED", "yes");
    Map<String, String> data = files.keyed();
    FunctionApp app = namespace.apply(files.fromConfigMap("late-code"));

    Status.Condition missing = namespace.awaitFalse(app, "PackageReady", "SourceNotFound");
    assertThat(missing.message()).contains("late-code").contains(namespace.name());
    assertThat(app.status().condition("Stalled").isTrue()).isTrue();

    namespace.client().resource(new ConfigMapBuilder().withNewMetadata().withName("late-code").withNamespace(namespace.name()).endMetadata().withData(data).build()).create();
    namespace.awaitAnswer(app, "/api/env/HEALED", "yes");
  }

  @Test
  void missingSettingsHealWhenTheyAppear() {
    FunctionApp app =
        namespace.apply(
            AppManifest.named("unset").echo().spec("settingsFrom", List.of(Map.of("configMapRef", Map.of("name", "late-settings")))));

    Status.Condition missing = namespace.awaitFalse(app, "PackageReady", "SettingsNotFound");
    assertThat(missing.message()).contains("spec.settingsFrom[0].configMapRef").contains("late-settings");

    namespace.kubectl("create", "configmap", "late-settings", "--from-literal", "HEALED=yes").check();
    namespace.awaitAnswer(app, "/api/env/HEALED", "yes");
  }

  @Test
  void aRequirementThatDoesNotExistIsReportedInPipsWords() {
    FunctionApp app =
        namespace.apply(AppManifest.named("unbuildable").echo().file("requirements.txt", "azure-functions==999.999.999\n"));

    Status.Condition failed = namespace.awaitFalse(app, "PackageReady", "RequirementsNotInstalled");
    assertThat(failed.message()).contains("No matching distribution found for azure-functions==999.999.999");
    assertThat(app.status().condition("Stalled").isTrue()).isTrue();
    assertThat(app.status().condition("Ready").reason()).isEqualTo("RequirementsNotInstalled");
  }

  @Test
  void brokenFunctionsAreListedAndTheHealthyOnesRun() {
    FunctionApp app =
        namespace.ready(
            AppManifest.named("partly")
                .echo()
                .setting("STILL", "running")
                .file("notjson/function.json", "{\n  \"bindings\": [\n    oops\n  ]\n}\n")
                .file("notjson/__init__.py", AppManifest.ECHO)
                .function("triggerless", AppManifest.ECHO, HTTP_OUTPUT)
                .file(
                    "outside/function.json",
                    "{\"scriptFile\": \"../../etc/passwd\", \"bindings\": [{\"type\": \"httpTrigger\", \"direction\": \"in\", \"name\": \"req\"}]}")
                .function("unimportable", "import nothing_of_this_name\n", HTTP_TRIGGER, HTTP_OUTPUT));

    namespace.awaitAnswer(app, "/api/env/STILL", "running");
    Status status = app.status();
    assertThat(status.function("env").ready()).isTrue();
    assertBroken(status, "notjson", "FunctionJsonInvalid", "notjson/function.json: line 3, column 5");
    assertBroken(status, "triggerless", "NoTrigger", "triggerless/function.json");
    assertBroken(status, "outside", "ScriptFileOutsideApp", "../../etc/passwd");
    assertBroken(status, "unimportable", "ImportFailed", "nothing_of_this_name");
    assertThat(status.condition("FunctionsLoaded")).satisfies(loaded -> {
      assertThat(loaded.isFalse()).isTrue();
      assertThat(loaded.reason()).isEqualTo("SomeFunctionsBroken");
    });
    assertThat(namespace.kubectl("get", "fa", "partly").check()).contains("1/5");
  }

  @Test
  void aBadRevisionDoesNotReplaceAGoodOne() {
    AppManifest manifest = AppManifest.named("kept").echo().setting("VERSION", "good");
    FunctionApp app = namespace.ready(manifest);
    namespace.awaitAnswer(app, "/api/env/VERSION", "good");

    namespace.apply(manifest.setting("VERSION", "bad").file("env/function.json", "not json"));

    namespace.awaitFalse(app, "FunctionsLoaded", "NoFunctionLoads");
    assertThat(app.status().condition("Ready").isFalse()).isTrue();
    assertThat(app.status().condition("Available").isTrue()).isTrue();
    assertThat(app.status().condition("Stalled").isTrue()).isTrue();
    namespace.awaitAnswer(app, "/api/env/VERSION", "good");
  }

  @Test
  void functionNamesMayHoldUnderscoresAndCapitals() {
    FunctionApp app = namespace.ready(AppManifest.named("names").setting("NAMED", "well").http("Get_Env", "env/{name}", AppManifest.ECHO));

    namespace.awaitAnswer(app, "/api/env/NAMED", "well");
    assertThat(app.status().function("Get_Env").ready()).isTrue();
  }

  @Test
  void appsAndFunctionsWhoseNamesCouldMeetDoNot() {
    // Joined by hyphens alone, the groups of both would be a-queue-b-queue-c and a-queue-b-queue-c.
    String queue = namespace.unique("meet");
    FunctionApp first = namespace.ready(AppManifest.named("a").worker("b-queue-c", queue + "1", queue).worker("B_queue_c", queue + "2", queue));
    FunctionApp second = namespace.ready(AppManifest.named("a-queue-b").worker("c", queue + "3", queue));

    assertThat(first.status().groups()).hasSize(2);
    assertThat(second.status().groups()).hasSize(1);
    List<String> names =
        namespace.client().apps().deployments().inNamespace(namespace.name()).list().getItems().stream()
            .map(deployment -> deployment.getMetadata().getName())
            .filter(name -> name.startsWith("a-"))
            .toList();
    assertThat(names).doesNotHaveDuplicates().hasSize(3);
    assertThat(first.isReady() && second.isReady()).isTrue();
  }

  private static void assertBroken(Status status, String function, String reason, String message) {
    assertThat(status.function(function)).satisfies(broken -> {
      assertThat(broken.ready()).isFalse();
      assertThat(broken.reason()).isEqualTo(reason);
      assertThat(broken.message()).contains(message);
    });
  }
}
