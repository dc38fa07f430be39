package dev.functionapp.e2e;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.cluster.Cluster;
import dev.functionapp.e2e.demo.DemoJob;
import dev.functionapp.e2e.demo.DemoState;
import dev.functionapp.e2e.demo.Photo;
import dev.functionapp.e2e.demo.Photos;
import dev.functionapp.e2e.demo.Summary;
import dev.functionapp.e2e.install.Keda;
import dev.functionapp.e2e.install.Namespaces;
import dev.functionapp.e2e.install.OperatorChart;
import dev.functionapp.e2e.progress.Steps;
import dev.functionapp.e2e.progress.Terminal;
import dev.functionapp.e2e.storage.AppStorage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * From no cluster to an example app at work: starts or finds a cluster, installs KEDA and the operator, deploys {@code
 * e2e/apps/thumbnails}, sends photographs and shows how the app scales. Ends with exit code 0 when nothing was lost and the
 * app went from no replica to at least three and back.
 */
public final class Demo {

  /** The namespace of the example app. */
  static final String NAMESPACE = "functionapp-demo";

  private static final int STEPS = 7;
  private static final Duration READY_LIMIT = Duration.ofMinutes(10);

  private final Instant start = Instant.now();
  private final Workspace workspace = Workspace.find();
  private final Terminal terminal = Terminal.standardOutput();
  private final Steps steps = new Steps(terminal, STEPS);

  private Demo() {}

  public static void main(String[] arguments) {
    boolean good = false;
    try {
      good = new Demo().run().isGood();
    } catch (Exception e) {
      System.err.println("demo: " + e.getMessage());
    }
    System.exit(good ? 0 : 1);
  }

  private Summary run() throws Exception {
    Steps.Result<Cluster> opened =
        steps.run("cluster", () -> "starting", () -> Steps.result(Cluster.open(Cluster.Purpose.DEMO, workspace), Cluster::description));
    try (Cluster cluster = opened.value()) {
      install(cluster);
      FunctionApp app = new FunctionApp(cluster.client(), NAMESPACE, "thumbnails");
      Duration ready = steps.run("app", app::progress, () -> Steps.result(deploy(cluster, app), Demo::readyAfter)).value();
      List<Photo> photos =
          steps.run("photos", () -> "downloading", () -> Steps.result(Photos.load(workspace), Demo::photographs)).value();
      steps.announce("photos in, thumbnails out");
      try (AppStorage storage = AppStorage.open(cluster.client())) {
        Summary summary = new DemoJob(app, storage, workspace, terminal).run(photos, ready);
        terminal.line("Over time: target/demo/timeline.svg. To look around: export KUBECONFIG=" + cluster.kubeconfig());
        terminal.line("To remove what this made: make demo-down");
        terminal.line(summary.line());
        return summary;
      }
    }
  }

  private void install(Cluster cluster) throws Exception {
    Keda keda = new Keda(cluster);
    OperatorChart chart = new OperatorChart(cluster, workspace);
    boolean hadKeda = keda.isInstalled();
    new DemoState(cluster.distribution().name(), cluster.kubeconfig().toString(), !hadKeda, !chart.isInstalled(), !chart.isDefined())
        .write(workspace);
    steps.run("images", () -> "loading", () -> {
      chart.deliverImages();
      return Steps.done("on the node");
    });
    steps.run("KEDA", () -> "installing", () -> {
      if (hadKeda) {
        return Steps.done("is there already");
      }
      keda.install();
      return Steps.done("installed");
    });
    steps.run("operator", () -> "installing the chart", () -> {
      chart.apply();
      return Steps.done("chart installed in namespace " + OperatorChart.NAMESPACE);
    });
  }

  /** Applies the example as its user would and returns how long after the start of all it was ready. */
  private Duration deploy(Cluster cluster, FunctionApp app) {
    Namespaces.restricted(cluster.client(), NAMESPACE);
    cluster.kubectl("apply", "--namespace", NAMESPACE, "--kustomize", workspace.file("e2e/apps/thumbnails").toString()).check();
    Awaitility.await("FunctionApp " + app.name() + " to be Ready")
        .atMost(READY_LIMIT)
        .pollInterval(Duration.ofMillis(500))
        .until(app::isReady);
    return Duration.between(start, Instant.now());
  }

  private static String readyAfter(Duration ready) {
    return "Ready " + ready.toSeconds() + " s after the start";
  }

  private static String photographs(List<Photo> photos) {
    return photos.size() + " photographs";
  }
}
