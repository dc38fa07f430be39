package dev.functionapp.operator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Two apps reach the same account where their connection has the same origin. */
class SettingOriginsTest {

  private static final String STORAGE = "AzureWebJobsStorage";
  private static final SettingsSource SECRET = new SettingsSource.FromSecret("storage");
  private static final SettingsSource OTHER_SECRET = new SettingsSource.FromSecret("db");
  private static final SettingsSource CONFIG_MAP = new SettingsSource.FromConfigMap("shared");

  @Test
  void aSecretIsTheSameWhereItIsTheOnlyOneThatCanHoldTheSetting() {
    assertThat(of(SECRET)).isPresent().isEqualTo(of(SECRET)).isEqualTo(ofSecretKey());
    assertThat(of(OTHER_SECRET)).isNotEqualTo(of(SECRET));
  }

  @Test
  void amongSeveralSecretsNobodyCanTellUnlessAllAreTheSame() {
    assertThat(of(OTHER_SECRET, SECRET))
        .isEqualTo(of(OTHER_SECRET, SECRET))
        .isNotEqualTo(of(SECRET));
    assertThat(of(SECRET, OTHER_SECRET)).isNotEqualTo(of(OTHER_SECRET, SECRET));
  }

  @Test
  void anEqualValueIsTheSameWhereverItStandsAndIsNotTold() {
    var inSettings = origins(new TreeMap<>(Map.of(STORAGE, "key=canary")), List.of(), List.of());
    var inEnv = origins(new TreeMap<>(), List.of(), List.of(EnvVariable.of(STORAGE, "key=canary")));

    assertThat(inSettings).isPresent().isEqualTo(inEnv).isEqualTo(of(SECRET, CONFIG_MAP));
    assertThat(inSettings.get()).doesNotContain("canary");
    assertThat(origins(new TreeMap<>(Map.of(STORAGE, "key=other")), List.of(), List.of()))
        .isNotEqualTo(inEnv);
  }

  @Test
  void aLaterSourceWinsAndSettingsWinOverAll() {
    assertThat(of(CONFIG_MAP, SECRET)).isNotEqualTo(of(SECRET, CONFIG_MAP));
    assertThat(origins(new TreeMap<>(Map.of(STORAGE, "key=canary")), List.of(SECRET), List.of()))
        .isEqualTo(of(CONFIG_MAP));
  }

  @Test
  void withoutAnyItIsTheStorageOfTheEvaluationOrUnknown() {
    assertThat(of()).isEmpty();
    var evaluation =
        new SettingOrigins(new TreeMap<>(), List.of(), List.of(), Map.of(), Map.of(), true);
    assertThat(evaluation.of(STORAGE)).isPresent();
    assertThat(evaluation.of("OTHER")).isEmpty();
  }

  private static Optional<String> of(SettingsSource... sources) {
    return origins(new TreeMap<>(), List.of(sources), List.of());
  }

  private static Optional<String> ofSecretKey() {
    var value = new EnvVariable.SecretKey("storage", STORAGE);
    return origins(new TreeMap<>(), List.of(), List.of(new EnvVariable(STORAGE, value)));
  }

  private static Optional<String> origins(
      SortedMap<String, String> settings, List<SettingsSource> sources, List<EnvVariable> env) {
    var shared = new TreeMap<>(Map.of(STORAGE, "key=canary"));
    return new SettingOrigins(settings, sources, env, Map.of("shared", shared), Map.of(), false)
        .of(STORAGE);
  }
}
