package dev.functionapp.operator.plan;

import static dev.functionapp.operator.TestApps.PLATFORM;
import static dev.functionapp.operator.TestApps.exposed;
import static dev.functionapp.operator.TestApps.scaling;
import static dev.functionapp.operator.TestApps.spec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.AppSpecBuilder;
import dev.functionapp.operator.PlatformBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RevisionsTest {

  private static final AppSpec APP = spec();

  @Test
  void theSameSpecIsTheSameRevision() {
    assertThat(revision(spec())).isEqualTo(revision(spec()));
    assertThat(revision(APP).name()).matches("[0-9a-f]{10}");
    assertThat(revision(APP).packageKey()).matches("[0-9a-f]{10}");
  }

  @Test
  void anotherSourceIsAnotherPackage() {
    var changed = spec(new Source.Inline(new TreeMap<>(Map.of("function_app.py", "x = 2"))));

    assertThat(revision(changed).packageKey()).isNotEqualTo(revision(APP).packageKey());
    assertThat(revision(changed).name()).isNotEqualTo(revision(APP).name());
    assertThat(revision(changed).source())
        .startsWith("inline@sha256:")
        .isNotEqualTo(revision(APP).source());
  }

  @Test
  void aChangedSettingIsAnotherRevisionOfTheSamePackage() {
    assertVerifiedAgainNotBuilt(
        AppSpecBuilder.from(APP).settings(new TreeMap<>(Map.of("A", "1"))).build());
  }

  @Test
  void aSecretsNameIsPartOfTheRevision() {
    assertVerifiedAgainNotBuilt(
        AppSpecBuilder.from(APP)
            .settingsFrom(List.of(new SettingsSource.FromSecret("db")))
            .build());
  }

  @Test
  void workersArePartOfTheRevision() {
    assertVerifiedAgainNotBuilt(
        AppSpecBuilder.from(APP)
            .workers(new WorkerProcesses(OptionalInt.of(2), OptionalInt.empty()))
            .build());
  }

  @Test
  void theContentOfASettingsConfigMapIsPartOfTheRevision() {
    var spec =
        AppSpecBuilder.from(APP)
            .settingsFrom(List.of(new SettingsSource.FromConfigMap("shared")))
            .build();

    var before = revision(spec, Map.of("shared", content("A", "1")));
    var after = revision(spec, Map.of("shared", content("A", "2")));

    assertThat(after.name()).isNotEqualTo(before.name());
    assertThat(after.packageKey()).isEqualTo(before.packageKey());
    assertThat(before.settingsData()).isEqualTo(Map.of("shared", Map.of("A", "1")));
  }

  @Test
  void onlyTheKeyThatAVariableNamesIsPartOfTheRevision() {
    var spec =
        AppSpecBuilder.from(APP)
            .env(List.of(new EnvVariable("URL", new EnvVariable.ConfigMapKey("shared", "url"))))
            .build();
    var before = new ConfigMapContent(new TreeMap<>(Map.of("url", "u")), new TreeMap<>());
    var after =
        new ConfigMapContent(new TreeMap<>(Map.of("url", "u", "other", "o")), new TreeMap<>());

    assertThat(revision(spec, Map.of("shared", after)))
        .isEqualTo(revision(spec, Map.of("shared", before)));
    assertThat(revision(spec, Map.of("shared", before)).envValues()).isEqualTo(Map.of("URL", "u"));
  }

  @Test
  void scalingAndWhoMayCallAreNotPartOfTheRevision() {
    var scaled =
        AppSpecBuilder.from(APP)
            .scaling(scaling(3))
            .http(
                new Http(
                    Optional.of(new Http.Cors(List.of("https://shop.example"), false)),
                    Optional.of("keys"),
                    Optional.of(exposed("shop.example"))))
            .reconcileAt("now")
            .build();

    assertThat(revision(scaled)).isEqualTo(revision(APP));
  }

  @Test
  void thePipConfigurationIsPartOfThePackage() {
    var other =
        resolved(
            Revisions.resolve(
                APP,
                Map.of(),
                SourceState.NONE,
                PlatformBuilder.from(PLATFORM).pipArguments("--no-binary :all:").build()));

    assertThat(other.packageKey()).isNotEqualTo(revision(APP).packageKey());
  }

  @Test
  @DisplayName("A Python version that is not on offer is rejected, with those that are")
  void aPythonVersionThatIsNotOfferedIsRejectedWithThoseThatAre() {
    assertRejected(
        AppSpecBuilder.from(APP).pythonVersion("3.12").build(),
        Map.of(),
        Reason.PythonVersionNotOffered,
        "spec.runtime.version",
        "\"3.12\"",
        "3.11, 3.13",
        "spec.runtime.image");
  }

  @Test
  void anImageOfTheUsersReplacesTheOneOnOffer() {
    var image = "registry/mine:1";

    assertThat(
            revision(AppSpecBuilder.from(APP).pythonVersion("3.12").image(image).build()).image())
        .isEqualTo("registry/mine:1");
  }

  @Test
  void aMissingSourceIsRejectedByName() {
    assertRejected(
        spec(new Source.FromConfigMap("code", List.of())),
        Map.of(),
        Reason.SourceNotFound,
        "spec.source.configMap.name",
        "\"code\"",
        "\"shop\"");
  }

  @Test
  @DisplayName("A ConfigMap that is missing is rejected by its path")
  void aMissingSettingsConfigMapIsRejectedByPath() {
    assertRejected(
        AppSpecBuilder.from(APP)
            .settingsFrom(
                List.of(
                    new SettingsSource.FromSecret("db"),
                    new SettingsSource.FromConfigMap("shared")))
            .build(),
        Map.of(),
        Reason.SettingsNotFound,
        "spec.settingsFrom[1].configMapRef.name",
        "\"shared\"");
  }

  @ParameterizedTest
  @DisplayName("A key that is no name of a setting, or a reserved one, is rejected")
  @CsvSource({
    "1st, cannot be the name of a setting",
    ".env, cannot be the name of a setting",
    "PATH, reserved for the runtime",
    "LD_PRELOAD, reserved for the runtime",
    "FUNCAPP_GROUP, reserved for the runtime"
  })
  void aKeyThatCannotBeASettingIsRejected(String key, String rule) {
    assertRejected(
        AppSpecBuilder.from(APP)
            .settingsFrom(List.of(new SettingsSource.FromConfigMap("shared")))
            .build(),
        Map.of("shared", content(key, "1")),
        Reason.SettingsInvalid,
        "spec.settingsFrom[0].configMapRef.name",
        "\"shared\"",
        "\"" + key + "\"",
        rule);
  }

  @Test
  void settingsThatARevisionCannotKeepAreRejected() {
    var spec =
        AppSpecBuilder.from(APP)
            .settingsFrom(
                List.of(
                    new SettingsSource.FromConfigMap("one"),
                    new SettingsSource.FromConfigMap("other")))
            .build();

    assertRejected(
        spec,
        Map.of(
            "one", content("A", "x".repeat(700_000)), "other", content("B", "x".repeat(400_000))),
        Reason.SettingsTooLarge,
        "1048576",
        "the ConfigMap \"one\" 700");
  }

  @Test
  void aMissingKeyIsRejectedByPath() {
    assertRejected(
        AppSpecBuilder.from(APP)
            .env(List.of(new EnvVariable("URL", new EnvVariable.ConfigMapKey("shared", "url"))))
            .build(),
        Map.of("shared", content("other", "1")),
        Reason.SettingsNotFound,
        "spec.env[0].valueFrom.configMapKeyRef.key",
        "\"url\"");
  }

  @Test
  void filesComeFromTextAndBinaryKeysToTheirPaths() {
    var source =
        new Source.FromConfigMap(
            "code",
            List.of(
                new Source.Item("main", "resize/__init__.py"),
                new Source.Item("logo", "logo.png")));
    var content =
        new ConfigMapContent(
            new TreeMap<>(Map.of("main", "x = 1", "unused", "")),
            new TreeMap<>(Map.of("logo", "iVBORw==")));

    var revision = revision(spec(source), Map.of("code", content));

    assertThat(revision.content())
        .isEqualTo(
            new SourceContent.Files(
                List.of(
                    new SourceFile("logo.png", "iVBORw==", true),
                    new SourceFile("resize/__init__.py", "x = 1", false))));
    assertThat(revision.source()).matches("configMap/code@sha256:[0-9a-f]{64}");
  }

  private static void assertVerifiedAgainNotBuilt(AppSpec changed) {
    assertThat(revision(changed).packageKey()).isEqualTo(revision(APP).packageKey());
    assertThat(revision(changed).name()).isNotEqualTo(revision(APP).name());
  }

  private static void assertRejected(
      AppSpec spec, Map<String, ConfigMapContent> configMaps, Reason reason, String... texts) {
    assertThat(Revisions.resolve(spec, configMaps, SourceState.NONE, PLATFORM))
        .isInstanceOfSatisfying(
            Resolution.Rejected.class,
            rejected -> {
              assertThat(rejected.reason()).isEqualTo(reason);
              assertThat(rejected.message()).contains(texts);
            });
  }

  private static Revision revision(AppSpec spec) {
    return revision(spec, Map.of());
  }

  private static Revision revision(AppSpec spec, Map<String, ConfigMapContent> configMaps) {
    return resolved(Revisions.resolve(spec, configMaps, SourceState.NONE, PLATFORM));
  }

  private static Revision resolved(Resolution resolution) {
    return ((Resolution.Resolved) resolution).revision();
  }

  private static ConfigMapContent content(String key, String value) {
    return new ConfigMapContent(new TreeMap<>(Map.of(key, value)), new TreeMap<>());
  }
}
