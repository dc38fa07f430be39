package dev.functionapp.e2e.bench.scaling;

import dev.functionapp.e2e.app.FunctionApp;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;

/** An app with one function, {@code work}, for the messages {@code {"id": …, "seconds": …}} of one queue. It writes when it began into a blob {@code ID}. */
record BenchApp(KubernetesClient client, FunctionApp app, String queue) {

  static final String GROUP = "queue-work";

  private static final Duration LOOK = Duration.ofMillis(250);
  private static final String CODE =
      """
      import time
      from datetime import datetime, timezone
      import azure.functions as func

      app = func.FunctionApp()

      @app.queue_trigger("msg", queue_name="%1$s", connection="AzureWebJobsStorage")
      @app.blob_output("done", path="%1$s/{id}", connection="AzureWebJobsStorage")
      def work(msg: func.QueueMessage, done: func.Out[str]) -> None:
          began = datetime.now(timezone.utc)
          time.sleep(msg.get_json()["seconds"])
          done.set(began.isoformat())
      """;

  static String message(int id, double seconds) {
    return Serialization.asJson(Map.of("id", id, "seconds", seconds));
  }

  /**
   * Applies it and waits until it is ready.
   *
   * @param queues host.json's {@code extensions.queues}
   * @param spec beside the source
   */
  static BenchApp deploy(KubernetesClient client, String namespace, String name, Map<String, Object> queues, Map<String, Object> spec) {
    // Containers of an account outlive a namespace.
    String queue = name + "-" + Long.toString(System.currentTimeMillis(), 36);
    BenchApp deployed = new BenchApp(client, new FunctionApp(client, namespace, name), queue);
    deployed.apply(queues, spec);
    deployed.await("Ready", Duration.ofMinutes(5), deployed.app::isReady);
    return deployed;
  }

  private void apply(Map<String, Object> queues, Map<String, Object> spec) {
    Map<String, Object> host = Map.of("version", "2.0", "extensions", Map.of("queues", queues));
    Map<String, String> files = Map.of("host.json", Serialization.asJson(host), "function_app.py", CODE.formatted(queue));
    Map<String, Object> whole = new HashMap<>(spec);
    whole.put("source", Map.of("inline", Map.of("files", files)));
    app.apply(whole);
  }

  /** The object name of the group's Deployment. */
  String deployment() {
    return app.deployments().get(GROUP).getMetadata().getName();
  }

  /** The group's pods, those included that are on their way out. */
  List<Pod> pods() {
    return client.pods().inNamespace(app.namespace()).withLabel("functionapp.dev/group", deployment()).list().getItems();
  }

  void awaitAsleep(Duration limit) {
    await("no replica and no pod", limit, () -> app.replicas(GROUP) == 0 && pods().isEmpty());
  }

  void await(String what, Duration limit, Callable<Boolean> condition) {
    Awaitility.await(what).atMost(limit).pollDelay(Duration.ZERO).pollInterval(LOOK).ignoreExceptions().until(condition);
  }
}
