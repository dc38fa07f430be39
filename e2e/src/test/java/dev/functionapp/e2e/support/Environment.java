package dev.functionapp.e2e.support;

import dev.functionapp.e2e.Workspace;
import dev.functionapp.e2e.cluster.Cluster;
import dev.functionapp.e2e.install.Keda;
import dev.functionapp.e2e.install.OperatorChart;
import dev.functionapp.e2e.servers.Certificates;
import dev.functionapp.e2e.servers.SourceServers;
import dev.functionapp.e2e.storage.AppStorage;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Map;

/** The cluster that all tests of a run share, with the operator on it. */
public final class Environment implements AutoCloseable {

  private static final Map<String, String> OPERATOR_PODS =
      Map.of("app.kubernetes.io/instance", OperatorChart.RELEASE, "app.kubernetes.io/component", "operator");

  private final Workspace workspace = Workspace.find();
  private final Cluster cluster = Cluster.open(Cluster.Purpose.TEST, workspace);
  private final Keda keda = new Keda(cluster);
  private final OperatorChart chart = new OperatorChart(cluster, workspace);
  private AppStorage storage;
  private SourceServers servers;

  Environment() {
    try {
      chart.deliverImages();
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  /** Brings KEDA and the operator to what a test class asks for. */
  synchronized void prepare(boolean withKeda) {
    if (withKeda != keda.isInstalled()) {
      if (withKeda) {
        keda.install();
      } else {
        keda.uninstall();
      }
    }
    chart.apply();
  }

  public Cluster cluster() {
    return cluster;
  }

  public KubernetesClient client() {
    return cluster.client();
  }

  public Keda keda() {
    return keda;
  }

  public OperatorChart chart() {
    return chart;
  }

  public Workspace workspace() {
    return workspace;
  }

  /** The storage account of apps. */
  public synchronized AppStorage storage() {
    if (storage == null) {
      storage = AppStorage.open(cluster.client());
    }
    return storage;
  }

  /** What apps are published from. */
  public synchronized SourceServers servers() {
    if (servers == null) {
      servers = SourceServers.start(cluster, workspace, Certificates.of(workspace));
    }
    return servers;
  }

  /** The operator's pods that are not on their way out. */
  public List<Pod> operatorPods() {
    return client().pods().inNamespace(OperatorChart.NAMESPACE).withLabels(OPERATOR_PODS).list().getItems().stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .toList();
  }

  /** What an operator pod's management port answers. */
  public String management(Pod pod, String path) {
    String url = "/api/v1/namespaces/" + OperatorChart.NAMESPACE + "/pods/" + pod.getMetadata().getName() + ":8080/proxy" + path;
    return cluster.kubectl("get", "--raw", url).check();
  }

  @Override
  public void close() {
    if (storage != null) {
      storage.close();
    }
    if (servers != null) {
      servers.close();
    }
    cluster.close();
  }
}
