package dev.functionapp.e2e.cluster;

import dev.functionapp.e2e.shell.Command;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The cluster of the current kubeconfig context. Images are pushed below the registry path in {@code IMAGE_REGISTRY}; without
 * it the nodes have to have them, as after {@code kind load docker-image}.
 */
public final class ExistingCluster implements Cluster {

  private static final Optional<String> REGISTRY = Optional.ofNullable(System.getenv("IMAGE_REGISTRY"));

  private final Distribution distribution;
  private final KubernetesClient client = Cluster.clientFor(Config.autoConfigure(null));

  ExistingCluster(Distribution distribution) {
    this.distribution = distribution;
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
    return Optional.ofNullable(System.getenv("KUBECONFIG"))
        .map(Path::of)
        .orElse(Path.of(System.getProperty("user.home"), ".kube", "config"));
  }

  @Override
  public String description() {
    return client.getMasterUrl() + ", the current kubeconfig context";
  }

  @Override
  public String deliver(String image) {
    if (REGISTRY.isEmpty()) {
      return image;
    }
    DockerImage local = DockerImage.inspect(image);
    String name = REGISTRY.get() + "/" + local.contentTagged().replaceFirst("^localhost/", "");
    Command.of("docker", "tag", image, name).check();
    Command.of("docker", "push", name).timeout(Duration.ofMinutes(15)).check();
    Command.of("docker", "image", "rm", name).check();
    return name;
  }

  @Override
  public void kill(Pod pod) {
    client.resource(pod).withGracePeriod(0).delete();
  }

  @Override
  public void close() {
    client.close();
  }
}
