package dev.functionapp.operator.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Names what is to run. Two hashes: the package key over what is built, and the revision over that
 * and the settings it is verified under; so a change of settings verifies again but builds nothing,
 * and a change of scaling does neither.
 */
public final class Revisions {

  private Revisions() {}

  /**
   * The revision that a spec asks for.
   *
   * @param configMaps those that exist of the ConfigMaps that the spec names, by name
   * @param state what is known of the source
   */
  public static Resolution resolve(
      AppSpec spec,
      Map<String, ConfigMapContent> configMaps,
      SourceState state,
      Platform platform) {
    try {
      var image = image(spec, platform);
      return SourceContents.of(spec, configMaps, state)
          .<Resolution>map(content ->
              new Resolution.Resolved(revision(spec, image, content, configMaps, platform)))
          .orElseGet(Resolution.ToResolve::new);
    } catch (InvalidInput e) {
      return new Resolution.Rejected(e.reason(), e.getMessage());
    }
  }

  private static Revision revision(
      AppSpec spec,
      String image,
      SourceContent content,
      Map<String, ConfigMapContent> configMaps,
      Platform platform) {
    var packageKey = packageKey(spec, image, content, platform);
    var settingsFrom = settingsFrom(spec, configMaps);
    var env = env(spec, configMaps);
    SettingsSize.check(spec.settings(), settingsFrom, env);
    var name =
        Digests.shortDigest(
            new TreeMap<>(
                Map.of(
                    "package", packageKey,
                    "settings", spec.settings(),
                    "settingsFrom", settingsFrom,
                    "env", env,
                    "workers", workers(spec.workers()),
                    "requests", spec.resources().requests(),
                    "limits", spec.resources().limits())));
    return new Revision(
        name,
        packageKey,
        SourceContents.label(spec.source(), content),
        image,
        content,
        settingsData(spec, configMaps),
        envValues(spec, configMaps));
  }

  private static String image(AppSpec spec, Platform platform) {
    if (spec.source() instanceof Source.Image own) {
      checkAllowed(own.name(), "spec.source.image.name", platform);
    }
    spec.image().ifPresent(own -> checkAllowed(own, "spec.runtime.image", platform));
    return platform
        .workerImage(spec)
        .orElseThrow(() ->
            new InvalidInput(
                Reason.PythonVersionNotOffered,
                "spec.runtime.version: \"%s\" is not on offer here; use one of %s, or name a worker image in spec.runtime.image"
                    .formatted(
                        spec.pythonVersion(),
                        String.join(", ", platform.workerImages().keySet()))));
  }

  private static void checkAllowed(String image, String path, Platform platform) {
    if (!platform.allowedImages().allow(image)) {
      throw new InvalidInput(
          Reason.ImageNotAllowed,
          "%s: \"%s\" is not an image that apps may run here; use one from %s, or ask whoever installed the operator (workers.allowedImages of its chart)"
              .formatted(path, image, String.join(", ", platform.allowedImages().repositories())));
    }
  }

  private static String packageKey(
      AppSpec spec, String image, SourceContent content, Platform platform) {
    if (content instanceof SourceContent.BuiltImage) {
      return Digests.shortDigest(SourceContents.pin(content));
    }
    return Digests.shortDigest(
        Map.of(
            "source", SourceContents.pin(content),
            "python", spec.pythonVersion(),
            "image", image,
            "build", spec.build().mode().value(),
            "pipIndexUrl", spec.build().pipIndexUrl().orElse(platform.pipIndexUrl()),
            "pipExtraIndexUrls", spec.build().pipExtraIndexUrls(),
            "pipArguments", platform.pipArguments(),
            "sourceDistributions", platform.sourceDistributions()));
  }

  private static Map<String, Object> workers(WorkerProcesses workers) {
    var counts = new TreeMap<String, Object>();
    workers.processes().ifPresent(count -> counts.put("processes", count));
    workers.threads().ifPresent(count -> counts.put("threads", count));
    return counts;
  }

  private static List<Map<String, Object>> settingsFrom(
      AppSpec spec, Map<String, ConfigMapContent> configMaps) {
    var sources = new ArrayList<Map<String, Object>>();
    for (int i = 0; i < spec.settingsFrom().size(); i++) {
      var path = "spec.settingsFrom[%d].configMapRef".formatted(i);
      sources.add(
          switch (spec.settingsFrom().get(i)) {
            case SettingsSource.FromSecret(var name) -> Map.of("secret", name);
            case SettingsSource.FromConfigMap(var name) -> {
              var data = present(spec, configMaps, name, path).data();
              SettingNames.check(path, name, data.keySet());
              yield Map.of("configMap", name, "data", data);
            }
          });
    }
    return sources;
  }

  private static SortedMap<String, SortedMap<String, String>> settingsData(
      AppSpec spec, Map<String, ConfigMapContent> configMaps) {
    var data = new TreeMap<String, SortedMap<String, String>>();
    for (var source : spec.settingsFrom()) {
      if (source instanceof SettingsSource.FromConfigMap(var name)) {
        data.put(name, configMaps.get(name).data());
      }
    }
    return data;
  }

  private static SortedMap<String, String> envValues(
      AppSpec spec, Map<String, ConfigMapContent> configMaps) {
    var values = new TreeMap<String, String>();
    for (var variable : spec.env()) {
      if (variable.value() instanceof EnvVariable.ConfigMapKey(var configMap, var key)) {
        values.put(variable.name(), configMaps.get(configMap).data().get(key));
      }
    }
    return values;
  }

  private static List<Map<String, Object>> env(
      AppSpec spec, Map<String, ConfigMapContent> configMaps) {
    var variables = new ArrayList<Map<String, Object>>();
    for (int i = 0; i < spec.env().size(); i++) {
      var variable = spec.env().get(i);
      variables.add(
          switch (variable.value()) {
            case EnvVariable.Literal(var text) -> Map.of("name", variable.name(), "value", text);
            case EnvVariable.SecretKey(var secret, var key) ->
                Map.of("name", variable.name(), "secret", secret, "key", key);
            case EnvVariable.ConfigMapKey(var configMap, var key) ->
                Map.of(
                    "name",
                    variable.name(),
                    "configMap",
                    configMap,
                    "key",
                    key,
                    "value",
                    entry(spec, configMaps, configMap, key, i));
          });
    }
    return variables;
  }

  private static String entry(
      AppSpec spec, Map<String, ConfigMapContent> configMaps, String configMap, String key, int i) {
    var path = "spec.env[%d].valueFrom.configMapKeyRef".formatted(i);
    var value = present(spec, configMaps, configMap, path).data().get(key);
    if (value == null) {
      throw new InvalidInput(
          Reason.SettingsNotFound,
          "%s.key: the ConfigMap \"%s\" has no key \"%s\" in its data; add it or name another"
              .formatted(path, configMap, key));
    }
    return value;
  }

  private static ConfigMapContent present(
      AppSpec spec, Map<String, ConfigMapContent> configMaps, String name, String path) {
    var content = configMaps.get(name);
    if (content == null) {
      throw new InvalidInput(
          Reason.SettingsNotFound,
          "%s.name: there is no ConfigMap \"%s\" in the namespace \"%s\"; create it or name another"
              .formatted(path, name, spec.id().namespace()));
    }
    return content;
  }
}
