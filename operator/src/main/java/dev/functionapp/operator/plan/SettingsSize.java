package dev.functionapp.operator.plan;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Bounds the settings of a revision. They are kept with it in one object, so that it can be
 * returned to, and the API server takes none above 1.5 MiB.
 */
final class SettingsSize {

  static final int MAX_BYTES = 1024 * 1024;

  /** Of what takes most, so many are named. */
  private static final int NAMED = 3;

  private SettingsSize() {}

  /**
   * @param settingsFrom objects with {@code configMap} and {@code data}, or {@code secret}
   * @param env objects with {@code name} and {@code value}, or a reference to a Secret
   * @throws InvalidInput where they are too large together
   */
  static void check(
      Map<String, String> settings,
      List<Map<String, Object>> settingsFrom,
      List<Map<String, Object>> env) {
    int bytes = size(settings) + size(settingsFrom) + size(env);
    if (bytes <= MAX_BYTES) {
      return;
    }
    var parts = new TreeMap<String, Integer>();
    parts.put("spec.settings", size(settings));
    for (var source : settingsFrom) {
      if (source.containsKey("configMap")) {
        parts.merge(
            "the ConfigMap \"" + source.get("configMap") + "\"", size(source), Integer::sum);
      }
    }
    env.forEach(variable ->
        parts.merge("spec.env \"" + variable.get("name") + "\"", size(variable), Integer::sum));
    throw new InvalidInput(
        Reason.SettingsTooLarge,
        "spec.settingsFrom and spec.env: all settings together take %d bytes, and %d is the most that is kept with a revision; most take %s. Take out what is no setting: files belong into the app, and Secrets do not count"
            .formatted(bytes, MAX_BYTES, largest(parts)));
  }

  private static String largest(Map<String, Integer> parts) {
    return parts.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder()))
        .limit(NAMED)
        .map(part -> part.getKey() + " " + part.getValue())
        .collect(Collectors.joining(", "));
  }

  private static int size(Object value) {
    return Digests.canonical(value).length;
  }
}
