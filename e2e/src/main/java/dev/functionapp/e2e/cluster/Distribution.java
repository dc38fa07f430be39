package dev.functionapp.e2e.cluster;

import dev.functionapp.e2e.Workspace;
import dev.functionapp.e2e.shell.Command;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where the parts that are not this project's own come from: everything in which the kinds of cluster differ.
 *
 * @param name the value of the variable {@code CLUSTER} that chooses it
 * @param nodeImage the image of the node's container; empty for a cluster that is there already
 * @param keda where KEDA is installed from
 * @param azuriteImage the image of Azurite
 * @param traefik the file that installs Traefik; empty for its published chart
 * @param gatewayApi the file, or its URL, that installs the Gateway API's definitions
 */
public record Distribution(
    String name, Optional<String> nodeImage, KedaSource keda, String azuriteImage, Optional<Path> traefik, String gatewayApi) {

  /** Where KEDA is installed from. */
  public sealed interface KedaSource {}

  /** KEDA's Helm chart in a repository. */
  public record KedaChart(String repository, String version) implements KedaSource {}

  /** A file that holds every object of KEDA. */
  public record KedaManifest(Path file) implements KedaSource {}

  private static Distribution published(Workspace workspace) {
    return new Distribution(
        "k3s",
        Optional.of("rancher/k3s:v" + workspace.version("KUBERNETES_VERSION") + "-k3s1"),
        kedaChart(workspace),
        publishedAzurite(workspace),
        Optional.empty(),
        publishedGatewayApi(workspace));
  }

  private static Distribution local(Workspace workspace) {
    return new Distribution(
        "local",
        Optional.of("localhost/k3s:v" + workspace.version("KUBERNETES_VERSION")),
        new KedaManifest(workspace.file("target/cluster/keda.yaml")),
        "localhost/azurite:" + workspace.version("AZURITE_VERSION"),
        Optional.of(workspace.file("target/cluster/traefik.yaml")),
        workspace.file("target/cluster/gateway-api.yaml").toString());
  }

  private static Distribution existing(Workspace workspace) {
    return new Distribution(
        "existing", Optional.empty(), kedaChart(workspace), publishedAzurite(workspace), Optional.empty(), publishedGatewayApi(workspace));
  }

  /**
   * The distribution of that name.
   *
   * @param name {@code k3s}, {@code local}, {@code existing}, or {@code auto}: k3s where a registry is in reach, else local
   */
  public static Distribution named(String name, Workspace workspace) {
    return switch (name) {
      case "k3s" -> published(workspace);
      case "local" -> local(workspace);
      case "existing" -> existing(workspace);
      case "auto" -> registryInReach(workspace) ? published(workspace) : local(workspace);
      default -> throw new IllegalArgumentException("CLUSTER is \"" + name + "\": choose auto, k3s, local or existing");
    };
  }

  private static boolean registryInReach(Workspace workspace) {
    return Command.of(workspace.file("e2e/cluster/registry").toString()).timeout(Duration.ofMinutes(1)).run().succeeded();
  }

  private static KedaChart kedaChart(Workspace workspace) {
    return new KedaChart("https://kedacore.github.io/charts", workspace.version("KEDA_VERSION"));
  }

  private static String publishedGatewayApi(Workspace workspace) {
    return "https://github.com/kubernetes-sigs/gateway-api/releases/download/v%s/standard-install.yaml"
        .formatted(workspace.version("GATEWAY_API_VERSION"));
  }

  private static String publishedAzurite(Workspace workspace) {
    return "mcr.microsoft.com/azure-storage/azurite:" + workspace.version("AZURITE_VERSION");
  }
}
