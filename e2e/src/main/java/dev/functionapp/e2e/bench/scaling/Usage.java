package dev.functionapp.e2e.bench.scaling;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.functionapp.e2e.cluster.Cluster;
import dev.functionapp.e2e.install.Keda;
import dev.functionapp.e2e.install.OperatorChart;
import java.util.function.Predicate;

/**
 * What KEDA's operator and this project's, all replicas together, have used since they began and hold now. The kubelet says it,
 * every ten seconds or so.
 *
 * @param at by the machine's clock, in nanoseconds
 * @param calls of KEDA's operator to the API server
 */
record Usage(long at, double calls, Part keda, Part operator) {

  private static final double MEBIBYTE = 1 << 20;

  /** One of the two. */
  record Part(double processorSeconds, double mebibytes) {

    private Part plus(Part other) {
      return new Part(processorSeconds + other.processorSeconds, mebibytes + other.mebibytes);
    }
  }

  static Usage of(Cluster cluster) {
    return new Usage(
        System.nanoTime(),
        calls(cluster),
        pods(cluster, Keda.NAMESPACE, name -> name.startsWith("keda-operator-")),
        pods(cluster, OperatorChart.NAMESPACE, name -> !name.startsWith(OperatorChart.azurite())));
  }

  private static double calls(Cluster cluster) {
    String pod = cluster.client().pods().inNamespace(Keda.NAMESPACE).withLabel("app", "keda-operator").list().getItems().getFirst().getMetadata().getName();
    String metrics = cluster.kubectl("get", "--raw", "/api/v1/namespaces/" + Keda.NAMESPACE + "/pods/" + pod + ":8080/proxy/metrics").check();
    return metrics
        .lines()
        .filter(line -> line.startsWith("rest_client_requests_total{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static Part pods(Cluster cluster, String namespace, Predicate<String> name) {
    Part sum = new Part(0, 0);
    for (var node : cluster.client().nodes().list().getItems()) {
      String summary = cluster.kubectl("get", "--raw", "/api/v1/nodes/" + node.getMetadata().getName() + "/proxy/stats/summary").check();
      for (JsonNode pod : parse(summary).path("pods")) {
        if (pod.at("/podRef/namespace").asText().equals(namespace) && name.test(pod.at("/podRef/name").asText())) {
          sum = sum.plus(new Part(pod.at("/cpu/usageCoreNanoSeconds").asDouble() / 1e9, pod.at("/memory/workingSetBytes").asDouble() / MEBIBYTE));
        }
      }
    }
    return sum;
  }

  private static JsonNode parse(String json) {
    try {
      return new ObjectMapper().readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
