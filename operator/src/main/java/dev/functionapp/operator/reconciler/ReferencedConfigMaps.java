package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.plan.AppSpec;
import dev.functionapp.operator.plan.ConfigMapContent;
import dev.functionapp.operator.plan.EnvVariable;
import dev.functionapp.operator.plan.SettingsSource;
import dev.functionapp.operator.plan.Source;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The ConfigMaps of a user that an app names.
 *
 * @param contents those that exist, by name
 * @param polled whether some of them are not watched, so that changes are only seen by looking
 *     again
 */
record ReferencedConfigMaps(Map<String, ConfigMapContent> contents, boolean polled) {

  /**
   * Reads them, from the cache where they are watched. Only labelled ones are: a cache of every
   * ConfigMap of a cluster would not fit into memory.
   */
  static ReferencedConfigMaps read(
      AppSpec spec, Function<String, Optional<ConfigMap>> watched, KubernetesClient client) {
    var contents = new HashMap<String, ConfigMapContent>();
    boolean polled = false;
    for (var name : names(spec)) {
      var configMap = watched.apply(name);
      if (configMap.isEmpty()) {
        polled = true;
        configMap =
            Optional.ofNullable(
                client.configMaps().inNamespace(spec.id().namespace()).withName(name).get());
      }
      configMap.ifPresent(found -> contents.put(name, content(found)));
    }
    return new ReferencedConfigMaps(Map.copyOf(contents), polled);
  }

  static Set<String> names(AppSpec spec) {
    var names = new TreeSet<String>();
    if (spec.source() instanceof Source.FromConfigMap source) {
      names.add(source.name());
    }
    for (var source : spec.settingsFrom()) {
      if (source instanceof SettingsSource.FromConfigMap configMap) {
        names.add(configMap.name());
      }
    }
    for (var variable : spec.env()) {
      if (variable.value() instanceof EnvVariable.ConfigMapKey key) {
        names.add(key.configMap());
      }
    }
    return names;
  }

  private static ConfigMapContent content(ConfigMap configMap) {
    return new ConfigMapContent(
        new TreeMap<>(Optional.ofNullable(configMap.getData()).orElseGet(TreeMap::new)),
        new TreeMap<>(Optional.ofNullable(configMap.getBinaryData()).orElseGet(TreeMap::new)));
  }
}
