package dev.functionapp.e2e.cluster;

import dev.functionapp.e2e.Workspace;
import dev.functionapp.e2e.shell.Command;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.testcontainers.k3s.K3sContainer;
import org.testcontainers.utility.DockerImageName;

/** One node in a container. The demo's stays and is used again; the tests' goes with them unless {@code KEEP_CLUSTER=1}. */
public final class ContainerCluster implements Cluster {

  private static final String PURPOSE_LABEL = "dev.functionapp.cluster";
  private static final String NODE_LABEL = "dev.functionapp.node";

  private final Purpose purpose;
  private final Distribution distribution;
  private final K3sContainer container;
  private final KubernetesClient client;
  private final Path kubeconfig;
  private final Workspace workspace;

  private ContainerCluster(Purpose purpose, Distribution distribution, K3sContainer container, Workspace workspace) {
    this.purpose = purpose;
    this.distribution = distribution;
    this.container = container;
    this.workspace = workspace;
    this.kubeconfig = kubeconfig(purpose, workspace);
    writePrivately(kubeconfig, container.getKubeConfigYaml());
    this.client = Cluster.clientFor(Config.fromKubeconfig(container.getKubeConfigYaml()));
  }

  static ContainerCluster start(Purpose purpose, Distribution distribution, String image, Workspace workspace) {
    boolean keep = keeps(purpose);
    String node = distribution.name().equals("local") ? DockerImage.inspect(image).id() : image;
    removeAllBut(purpose, keep ? node : "none");
    K3sContainer container =
        new K3sContainer(DockerImageName.parse(image).asCompatibleSubstituteFor("rancher/k3s"))
            .withLabel(PURPOSE_LABEL, purpose.label())
            .withLabel(NODE_LABEL, node)
            .withReuse(keep)
            .withStartupTimeout(Duration.ofMinutes(3));
    container.start();
    return new ContainerCluster(purpose, distribution, container, workspace);
  }

  /** Removes every container that was made for a purpose, with its volumes. Returns how many there were. */
  public static int remove(Purpose purpose, Workspace workspace) {
    try {
      Files.deleteIfExists(kubeconfig(purpose, workspace));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return removeAllBut(purpose, "none");
  }

  private static Path kubeconfig(Purpose purpose, Workspace workspace) {
    return workspace.target(purpose.label()).resolve("kubeconfig");
  }

  /** A stopped node, or one of an earlier image, would never be found again by the one that starts them. */
  private static int removeAllBut(Purpose purpose, String node) {
    String filter = "label=" + PURPOSE_LABEL + "=" + purpose.label();
    String format = "{{.ID}} {{.State}} {{.Label \"" + NODE_LABEL + "\"}}";
    List<String> doomed =
        Command.of("docker", "ps", "--all", "--filter", filter, "--format", format)
            .check()
            .lines()
            .filter(line -> !line.endsWith(" running " + node))
            .map(line -> line.substring(0, line.indexOf(' ')))
            .toList();
    doomed.forEach(id -> Command.of("docker", "rm", "--force", "--volumes", id).check());
    return doomed.size();
  }

  private static boolean keeps(Purpose purpose) {
    return purpose == Purpose.DEMO || "1".equals(System.getenv("KEEP_CLUSTER"));
  }

  @Override
  public Distribution distribution() {
    return distribution;
  }

  @Override
  public KubernetesClient client() {
    return client;
  }

  @Override
  public Path kubeconfig() {
    return kubeconfig;
  }

  @Override
  public String description() {
    return container.getDockerImageName() + " in container " + container.getContainerId().substring(0, 12);
  }

  @Override
  public String deliver(String image) {
    DockerImage local = DockerImage.inspect(image);
    if (!ctr("images", "ls", "--quiet").check().lines().toList().contains(local.contentTagged())) {
      Command.pipe(Command.of("docker", "save", image), ctr("images", "import", "-"), Duration.ofMinutes(5));
      ctr("images", "tag", "--force", image, local.contentTagged()).check();
    }
    return local.contentTagged();
  }

  @Override
  public void kill(Pod pod) {
    pod.getStatus().getContainerStatuses().stream()
        .map(status -> status.getContainerID().replaceFirst("^containerd://", ""))
        .forEach(id -> ctr("tasks", "kill", "--signal", "SIGKILL", id).check());
  }

  private Command ctr(String... arguments) {
    return Command.of("docker", "exec", "--interactive", container.getContainerId(), "ctr", "--namespace", "k8s.io").with(arguments);
  }

  @Override
  public void close() {
    client.close();
    if (!keeps(purpose)) {
      remove(purpose, workspace);
    }
  }

  private static void writePrivately(Path file, String text) {
    try {
      Files.deleteIfExists(file);
      Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
