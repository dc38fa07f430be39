package dev.functionapp.e2e.support;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A FunctionApp to apply, with its files inline. It polls and cools down fast, because a test waits for both. */
public final class AppManifest {

  /** Answers with the variable that the route names. */
  public static final String ECHO =
      """
      import os
      import azure.functions as func

      def main(req: func.HttpRequest) -> func.HttpResponse:
          return func.HttpResponse(os.environ.get(req.route_params["name"], "(not set)"))
      """;

  /** Works as many seconds as the message says, then writes a blob named by the message's id. */
  public static final String WORK =
      """
      import time
      import azure.functions as func

      def main(msg: func.QueueMessage, done: func.Out[str]) -> None:
          job = msg.get_json()
          time.sleep(job.get("seconds", 0))
          done.set(job["id"])
      """;

  private final String name;
  private final Map<String, String> files = new LinkedHashMap<>();
  private final Map<String, Object> spec = new LinkedHashMap<>();
  private final Map<String, Object> scaling = new LinkedHashMap<>();

  private AppManifest(String name) {
    this.name = name;
    file(
        "host.json",
        """
        {"version": "2.0", "extensions": {"queues": {"batchSize": 1, "newBatchThreshold": 0, "maxPollingInterval": "00:00:01"}}}
        """);
    spec.put("source", Map.of("inline", Map.of("files", files)));
    spec.put("scaling", scaling);
    // Tests side by side have one node, whose cores what is reserved would soon exhaust.
    spec.put("resources", Map.of("requests", Map.of("cpu", "20m")));
    scaling("pollingInterval", "1s").scaling("cooldownPeriod", "5s");
  }

  public static AppManifest named(String name) {
    return new AppManifest(name);
  }

  public String name() {
    return name;
  }

  public AppManifest file(String path, String text) {
    files.put(path, text);
    return this;
  }

  /** An HTTP function for GET. */
  public AppManifest http(String function, String route, String code) {
    return function(
        function,
        code,
        Map.of("type", "httpTrigger", "direction", "in", "name", "req", "authLevel", "anonymous", "methods", List.of("get"), "route", route),
        Map.of("type", "http", "direction", "out", "name", "$return"));
  }

  /** The function {@code env}: {@code /api/env/NAME} answers with the variable of that name. */
  public AppManifest echo() {
    return http("env", "env/{name}", ECHO);
  }

  /** The function {@code version}: {@code /api/version} answers with a text. */
  public AppManifest answering(String text) {
    return http(
        "version",
        "version",
        """
        import azure.functions as func

        async def main(req: func.HttpRequest) -> func.HttpResponse:
            return func.HttpResponse("%s")
        """
            .formatted(text));
  }

  /** A function for a queue of messages like {@code {"id": "…", "seconds": 1}}, which leaves a blob for each in a container. */
  public AppManifest worker(String function, String queue, String container) {
    return worker(function, WORK, queue, "AzureWebJobsStorage", container + "/{id}");
  }

  /** The same, with a blob {@code ID-…} for each time that a message's work was finished. */
  public AppManifest tallyingWorker(String function, String queue, String container) {
    return worker(function, WORK, queue, "AzureWebJobsStorage", container + "/{id}-{rand-guid}");
  }

  /** A function for a queue of some account, with a blob of the app's own account as its output {@code done}. */
  public AppManifest worker(String function, String code, String queue, String connection, String path) {
    return function(
        function,
        code,
        Map.of("type", "queueTrigger", "direction", "in", "name", "msg", "queueName", queue, "connection", connection),
        Map.of("type", "blob", "direction", "out", "name", "done", "path", path, "connection", "AzureWebJobsStorage"));
  }

  /** How a replica takes messages, in place of one at a time: host.json's {@code extensions.queues}. */
  public AppManifest queues(Map<String, Object> options) {
    return file("host.json", Serialization.asJson(Map.of("version", "2.0", "extensions", Map.of("queues", options))));
  }

  /** A message for a worker. */
  public static String job(String id, double seconds) {
    return Serialization.asJson(Map.of("id", id, "seconds", seconds));
  }

  /** Messages for a worker, with the ids 0, 1, … */
  public static List<String> jobs(int count, double seconds) {
    return IntStream.range(0, count).mapToObj(id -> job(String.valueOf(id), seconds)).toList();
  }

  @SafeVarargs
  public final AppManifest function(String function, String code, Map<String, Object>... bindings) {
    file(function + "/function.json", Serialization.asJson(Map.of("bindings", List.of(bindings))));
    return file(function + "/__init__.py", code);
  }

  /** Takes the files from a ConfigMap that holds {@link #keyed}. */
  public AppManifest fromConfigMap(String configMap) {
    List<Map<String, String>> items = files.keySet().stream().map(path -> Map.of("key", key(path), "path", path)).toList();
    return spec("source", Map.of("configMap", Map.of("name", configMap, "items", items)));
  }

  /** The files by path, below a folder. */
  public Map<String, String> files(String folder) {
    return files.entrySet().stream().collect(Collectors.toMap(file -> folder + file.getKey(), Map.Entry::getValue));
  }

  /** Takes the files from somewhere else than this manifest: the member of spec.source. */
  public AppManifest source(String member, Map<String, Object> value) {
    return spec("source", Map.of(member, value));
  }

  /** The files by keys that a ConfigMap may have. */
  public Map<String, String> keyed() {
    return files.entrySet().stream().collect(Collectors.toMap(file -> key(file.getKey()), Map.Entry::getValue));
  }

  private static String key(String path) {
    return path.replace('/', '.');
  }

  /** One app setting, and no other. */
  public AppManifest setting(String setting, String value) {
    return spec("settings", Map.of(setting, value));
  }

  /** Any field below spec. */
  public AppManifest spec(String field, Object value) {
    spec.put(field, value);
    return this;
  }

  /** Any field below spec.scaling. */
  public AppManifest scaling(String field, Object value) {
    scaling.put(field, value);
    return this;
  }

  public AppManifest python(String version) {
    return spec("runtime", Map.of("version", version));
  }

  public String json() {
    return Serialization.asJson(
        Map.of("apiVersion", "functionapp.dev/v1alpha1", "kind", "FunctionApp", "metadata", Map.of("name", name), "spec", spec));
  }
}
