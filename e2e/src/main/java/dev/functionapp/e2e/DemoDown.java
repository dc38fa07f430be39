package dev.functionapp.e2e;

import dev.functionapp.e2e.cluster.Cluster;
import dev.functionapp.e2e.cluster.ContainerCluster;
import dev.functionapp.e2e.cluster.Distribution;
import dev.functionapp.e2e.demo.DemoState;
import dev.functionapp.e2e.install.Keda;
import dev.functionapp.e2e.install.OperatorChart;
import dev.functionapp.e2e.shell.Command;
import java.time.Duration;

/** Removes exactly what the demo made: its cluster, or what it installed on one that was there before. */
public final class DemoDown {

  private final Workspace workspace = Workspace.find();

  private DemoDown() {}

  public static void main(String[] arguments) {
    new DemoDown().run();
  }

  private void run() {
    DemoState.read(workspace).filter(state -> state.cluster().equals("existing")).ifPresent(this::uninstall);
    int clusters = ContainerCluster.remove(Cluster.Purpose.DEMO, workspace);
    DemoState.delete(workspace);
    System.out.println("demo-down: " + (clusters == 0 ? "no cluster of the demo's own was there" : "the demo's cluster is removed"));
  }

  private void uninstall(DemoState state) {
    try (Cluster cluster = Cluster.existing(Distribution.named(state.cluster(), workspace))) {
      delete(cluster, "namespace", Demo.NAMESPACE);
      if (state.operator()) {
        new OperatorChart(cluster, workspace).uninstall();
        delete(cluster, "namespace", OperatorChart.NAMESPACE);
      }
      if (state.definition()) {
        delete(cluster, "customresourcedefinition", OperatorChart.DEFINITION);
      }
      if (state.keda()) {
        new Keda(cluster).uninstall();
      }
    }
    System.out.println("demo-down: what the demo installed on " + state.kubeconfig() + " is removed");
  }

  private static void delete(Cluster cluster, String kind, String name) {
    Command kubectl = cluster.kubectl("delete", kind, name, "--ignore-not-found", "--wait", "--timeout=180s");
    kubectl.timeout(Duration.ofMinutes(4)).check();
  }
}
