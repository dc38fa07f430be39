package dev.functionapp.operator.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Where the settings of a revision come from. Two apps of a namespace whose setting has the same
 * origin have the same value there; with another origin nobody can tell who may not read Secrets.
 */
final class SettingOrigins {

  private static final String STORAGE = "AzureWebJobsStorage";

  private final SortedMap<String, String> settings;
  private final List<SettingsSource> settingsFrom;
  private final List<EnvVariable> env;
  private final Map<String, SortedMap<String, String>> configMaps;
  private final Map<String, String> envValues;
  private final boolean evaluationStorage;

  SettingOrigins(AppSpec spec, Revision revision, boolean evaluationStorage) {
    this(
        spec.settings(),
        spec.settingsFrom(),
        spec.env(),
        revision.settingsData(),
        revision.envValues(),
        evaluationStorage);
  }

  /**
   * @param configMaps the data of those in {@code settingsFrom}, by name
   * @param envValues the values that {@code env} has from ConfigMaps
   * @param evaluationStorage whether apps that bring no storage share an account
   */
  SettingOrigins(
      SortedMap<String, String> settings,
      List<SettingsSource> settingsFrom,
      List<EnvVariable> env,
      Map<String, SortedMap<String, String>> configMaps,
      Map<String, String> envValues,
      boolean evaluationStorage) {
    this.settings = settings;
    this.settingsFrom = settingsFrom;
    this.env = env;
    this.configMaps = configMaps;
    this.envValues = envValues;
    this.evaluationStorage = evaluationStorage;
  }

  /** Empty for a setting that is not there, as far as can be known. Holds no value in the clear. */
  Optional<String> of(String setting) {
    for (var variable : env) {
      if (variable.name().equals(setting)) {
        return Optional.of(
            switch (variable.value()) {
              case EnvVariable.Literal(var text) -> value(text);
              case EnvVariable.ConfigMapKey key -> value(envValues.getOrDefault(setting, ""));
              case EnvVariable.SecretKey(var secret, var key) -> secret(secret, key);
            });
      }
    }
    if (settings.containsKey(setting)) {
      return Optional.of(value(settings.get(setting)));
    }
    return ofSources(setting);
  }

  /** Any of several Secrets may have it: the same ones in the same order decide the same. */
  private Optional<String> ofSources(String setting) {
    var candidates = new ArrayList<String>();
    for (var source : settingsFrom.reversed()) {
      switch (source) {
        case SettingsSource.FromSecret(var name) -> candidates.add(secret(name, setting));
        case SettingsSource.FromConfigMap(var name) -> {
          var data = configMaps.get(name);
          if (data != null && data.containsKey(setting)) {
            candidates.add(value(data.get(setting)));
            return Optional.of(String.join(" else ", candidates));
          }
        }
      }
    }
    if (evaluationStorage && setting.equals(STORAGE)) {
      candidates.add("evaluation storage");
    }
    return candidates.isEmpty() ? Optional.empty() : Optional.of(String.join(" else ", candidates));
  }

  private static String value(String text) {
    return "value " + Digests.sha256(text);
  }

  private static String secret(String name, String key) {
    return "secret " + name + "/" + key;
  }
}
