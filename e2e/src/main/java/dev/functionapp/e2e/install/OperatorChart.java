package dev.functionapp.e2e.install;

import dev.functionapp.e2e.Folder;
import dev.functionapp.e2e.Workspace;
import dev.functionapp.e2e.cluster.Cluster;
import dev.functionapp.e2e.servers.Certificates;
import dev.functionapp.e2e.shell.Command;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The operator's Helm chart, installed as a user would, with the images that were built here. */
public final class OperatorChart {

  public static final String NAMESPACE = "functionapp-system";
  public static final String RELEASE = "functionapp-operator";

  /** The custom resource definition that comes with the chart and stays without it. */
  public static final String DEFINITION = "functionapps.functionapp.dev";

  /** Python versions that there are worker images for. */
  public static final List<String> PYTHON_VERSIONS = List.of("3.10", "3.11", "3.12", "3.13", "3.14");

  private static final String OPERATOR_IMAGE = "localhost/functionapp-operator:dev";
  private static final String WORKER_IMAGE = "localhost/functionapp-worker:";

  private final Cluster cluster;
  private final Workspace workspace;
  private final Path chart;
  private final Certificates certificates;
  private Images images;

  private record Images(String operator, Map<String, String> workers, String azurite) {}

  public OperatorChart(Cluster cluster, Workspace workspace) {
    this.cluster = cluster;
    this.workspace = workspace;
    this.chart = workspace.file("helm/functionapp-operator");
    this.certificates = Certificates.of(workspace);
  }

  /** Brings the images to the cluster's nodes. To be called before the others. */
  public void deliverImages() {
    Map<String, String> workers = new LinkedHashMap<>();
    PYTHON_VERSIONS.forEach(version -> workers.put(version, cluster.deliver(WORKER_IMAGE + version)));
    String azurite = cluster.distribution().azuriteImage();
    images = new Images(cluster.deliver(OPERATOR_IMAGE), workers, azurite.startsWith("localhost/") ? cluster.deliver(azurite) : azurite);
  }

  /**
   * Builds an image of an app as its developers would, from the worker's, and brings it to the cluster's nodes.
   *
   * @return the image's name
   */
  public String deliverApp(String name, Map<String, String> files) {
    Path folder = workspace.target("e2e/images").resolve(name);
    Folder.write(folder.resolve("app"), files);
    Folder.write(folder, Map.of("Dockerfile", "FROM " + WORKER_IMAGE + PYTHON_VERSIONS.getLast() + "\nCOPY app /home/site/wwwroot\n"));
    String image = "localhost/functionapp-e2e-" + name + ":dev";
    Command.of("docker", "build", "--quiet", "--tag", image, folder.toString()).check();
    return cluster.deliver(image);
  }

  /** A worker image as the cluster's nodes have it. */
  public String workerImage() {
    return images.workers().get(PYTHON_VERSIONS.getLast());
  }

  /** Whether the release is there. */
  public boolean isInstalled() {
    return cluster.helm("status", RELEASE, "--namespace", NAMESPACE).run().succeeded();
  }

  /** Whether the cluster knows FunctionApps. */
  public boolean isDefined() {
    return cluster.client().apiextensions().v1().customResourceDefinitions().withName(DEFINITION).get() != null;
  }

  /** Installs the chart or upgrades it, with more {@code helm} arguments where wanted, and waits until all of it is ready. */
  public void apply(String... arguments) {
    Namespaces.restricted(cluster.client(), NAMESPACE);
    Command helm = cluster.helm("upgrade", "--install", RELEASE, chart.toString(), "--namespace", NAMESPACE);
    helm.with("--wait", "--timeout", "4m").timeout(Duration.ofMinutes(5));
    set(helm, "image.repository", images.operator().substring(0, images.operator().lastIndexOf(':')));
    set(helm, "image.tag", images.operator().substring(images.operator().lastIndexOf(':') + 1));
    images.workers().forEach((version, image) -> set(helm, "workers.images." + version.replace(".", "\\."), image));
    set(helm, "azurite.image", images.azurite());
    helm.with("--set", "sources.privateNetworks=true");
    helm.with("--set-file", "build.trustedCA.pem=" + certificates.bundle());
    Optional.ofNullable(System.getenv("PIP_INDEX_URL")).ifPresent(url -> set(helm, "build.pip.indexUrl", url));
    helm.with(arguments).check();
  }

  /** Runs the chart's own tests and returns what they said. */
  public String test() {
    return cluster.helm("test", RELEASE, "--namespace", NAMESPACE).timeout(Duration.ofMinutes(3)).check();
  }

  /** Uninstalls the release; the FunctionApp definition stays, and every app with it. */
  public void uninstall() {
    cluster.helm("uninstall", RELEASE, "--namespace", NAMESPACE, "--wait").timeout(Duration.ofMinutes(3)).check();
  }

  private static void set(Command helm, String name, String value) {
    helm.with("--set-string", name + "=" + value.replace(",", "\\,"));
  }

  /** The chart's Azurite, as its Service and Secret are named. */
  public static String azurite() {
    return RELEASE + "-azurite";
  }
}
