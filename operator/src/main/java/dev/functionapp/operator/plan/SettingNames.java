package dev.functionapp.operator.plan;

import java.util.Collection;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What a setting may be called. The definition of FunctionApps says the same of the names that
 * stand in a spec.
 */
final class SettingNames {

  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,252}");
  private static final Pattern RESERVED =
      Pattern.compile(
          "PATH|HOME|LD_PRELOAD|LD_LIBRARY_PATH|PYTHONHOME|PYTHONPATH|AzureWebJobsScriptRoot"
              + "|KUBERNETES_.*|FUNCAPP_.*");

  private SettingNames() {}

  /**
   * Looks at the keys of a ConfigMap that settings come from.
   *
   * @param path where the spec names it
   * @throws InvalidInput where one of them cannot be a setting
   */
  static void check(String path, String configMap, Collection<String> keys) {
    for (var key : new TreeSet<>(keys)) {
      if (!NAME.matcher(key).matches()) {
        throw new InvalidInput(
            Reason.SettingsInvalid,
            "%s.name: the ConfigMap \"%s\" has the key \"%s\", which cannot be the name of a setting; use letters, digits, underscores, dots and hyphens, not starting with a digit"
                .formatted(path, configMap, key));
      }
      if (RESERVED.matcher(key).matches()) {
        throw new InvalidInput(
            Reason.SettingsInvalid,
            "%s.name: the ConfigMap \"%s\" has the key \"%s\", which is reserved for the runtime; remove it or give it another name"
                .formatted(path, configMap, key));
      }
    }
  }
}
