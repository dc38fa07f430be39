package dev.functionapp.operator.resources;

import com.fasterxml.jackson.databind.JsonNode;
import dev.functionapp.operator.plan.ComputeResources;
import dev.functionapp.operator.plan.EnvVariable;
import dev.functionapp.operator.plan.Revision;
import dev.functionapp.operator.plan.SettingsSource;
import dev.functionapp.operator.plan.SourceContent;
import dev.functionapp.operator.plan.StoredRevision;
import dev.functionapp.operator.plan.WorkerProcesses;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** A stored revision as the JSON that a ControllerRevision holds. */
final class StoredRevisions {

  private StoredRevisions() {}

  static Map<String, Object> toJson(StoredRevision stored) {
    var revision = stored.revision();
    var json = new LinkedHashMap<String, Object>();
    json.put("name", revision.name());
    json.put("packageKey", revision.packageKey());
    json.put("source", revision.source());
    json.put("image", revision.image());
    json.put("pythonVersion", stored.pythonVersion());
    json.put("settings", stored.settings());
    json.put(
        "settingsFrom",
        stored.settingsFrom().stream().map(source -> toJson(source, revision)).toList());
    json.put("env", stored.env().stream().map(variable -> toJson(variable, revision)).toList());
    var workers = new LinkedHashMap<String, Object>();
    stored.workers().processes().ifPresent(count -> workers.put("processes", count));
    stored.workers().threads().ifPresent(count -> workers.put("threads", count));
    json.put("workers", workers);
    if (!revision.hasPackage()) {
      json.put("pullSecrets", stored.pullSecrets());
    }
    json.put("requests", stored.resources().requests());
    json.put("limits", stored.resources().limits());
    return json;
  }

  private static Map<String, Object> toJson(SettingsSource source, Revision revision) {
    return switch (source) {
      case SettingsSource.FromSecret(var name) -> sorted(Map.of("secret", name));
      case SettingsSource.FromConfigMap(var name) ->
          sorted(Map.of("configMap", name, "data", revision.settingsData().get(name)));
    };
  }

  private static Map<String, Object> toJson(EnvVariable variable, Revision revision) {
    var name = variable.name();
    return switch (variable.value()) {
      case EnvVariable.Literal(var text) -> sorted(Map.of("name", name, "value", text));
      case EnvVariable.SecretKey(var secret, var key) ->
          sorted(Map.of("name", name, "secret", secret, "key", key));
      case EnvVariable.ConfigMapKey(var configMap, var key) ->
          sorted(
              Map.of(
                  "name",
                  name,
                  "configMap",
                  configMap,
                  "key",
                  key,
                  "value",
                  revision.envValues().get(name)));
    };
  }

  private static Map<String, Object> sorted(Map<String, Object> object) {
    return new TreeMap<>(object);
  }

  static StoredRevision fromJson(JsonNode json) {
    var settingsData = new TreeMap<String, SortedMap<String, String>>();
    for (var source : json.path("settingsFrom")) {
      if (source.has("configMap")) {
        settingsData.put(source.path("configMap").asText(), texts(source.path("data")));
      }
    }
    var envValues = new TreeMap<String, String>();
    for (var variable : json.path("env")) {
      if (variable.has("configMap")) {
        envValues.put(variable.path("name").asText(), variable.path("value").asText());
      }
    }
    return new StoredRevision(
        new Revision(
            json.path("name").asText(),
            json.path("packageKey").asText(),
            json.path("source").asText(),
            json.path("image").asText(),
            content(json),
            settingsData,
            envValues),
        json.path("pythonVersion").asText(),
        texts(json.path("settings")),
        stream(json.path("settingsFrom")).map(StoredRevisions::settingsSource).toList(),
        stream(json.path("env")).map(StoredRevisions::variable).toList(),
        new WorkerProcesses(
            number(json.at("/workers/processes")), number(json.at("/workers/threads"))),
        new ComputeResources(texts(json.path("requests")), texts(json.path("limits"))),
        stream(json.path("pullSecrets")).map(JsonNode::asText).toList());
  }

  private static SourceContent content(JsonNode json) {
    return json.has("pullSecrets")
        ? new SourceContent.BuiltImage(json.path("image").asText())
        : new SourceContent.Files(List.of());
  }

  private static SettingsSource settingsSource(JsonNode source) {
    return source.has("secret")
        ? new SettingsSource.FromSecret(source.path("secret").asText())
        : new SettingsSource.FromConfigMap(source.path("configMap").asText());
  }

  private static EnvVariable variable(JsonNode variable) {
    var key = variable.path("key").asText();
    var name = variable.path("name").asText();
    if (variable.has("secret")) {
      return new EnvVariable(
          name, new EnvVariable.SecretKey(variable.path("secret").asText(), key));
    }
    return variable.has("configMap")
        ? new EnvVariable(
            name, new EnvVariable.ConfigMapKey(variable.path("configMap").asText(), key))
        : EnvVariable.of(name, variable.path("value").asText());
  }

  private static SortedMap<String, String> texts(JsonNode object) {
    var texts = new TreeMap<String, String>();
    object.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
    return texts;
  }

  private static OptionalInt number(JsonNode number) {
    return Optional.of(number)
        .filter(JsonNode::isInt)
        .map(found -> OptionalInt.of(found.asInt()))
        .orElseGet(OptionalInt::empty);
  }

  private static Stream<JsonNode> stream(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false);
  }
}
