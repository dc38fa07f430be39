package dev.functionapp.operator.plan;

/** An object of the app's namespace whose every entry becomes an environment variable. */
public sealed interface SettingsSource {
  String name();

  record FromConfigMap(String name) implements SettingsSource {}

  /** The operator never reads it; the kubelet hands it to the workers. */
  record FromSecret(String name) implements SettingsSource {}
}
