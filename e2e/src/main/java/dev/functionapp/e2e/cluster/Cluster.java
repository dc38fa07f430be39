package dev.functionapp.e2e.cluster;

import dev.functionapp.e2e.Workspace;
import dev.functionapp.e2e.shell.Command;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Path;
import java.util.Locale;

/** A Kubernetes cluster to install on. */
public sealed interface Cluster extends AutoCloseable permits ContainerCluster, ExistingCluster {

  /** A 5xx of an app that is reached through the API server is an answer to look at: the client must not try again by itself. */
  static KubernetesClient clientFor(Config config) {
    config.setRequestRetryBackoffLimit(0);
    return new KubernetesClientBuilder().withConfig(config).build();
  }

  /** What a cluster is made for: it decides how long one in a container stays. */
  enum Purpose {
    DEMO,
    TEST;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Opens the cluster that the environment variable {@code CLUSTER} asks for. */
  static Cluster open(Purpose purpose, Workspace workspace) {
    Distribution distribution = Distribution.named(System.getenv().getOrDefault("CLUSTER", "auto"), workspace);
    return distribution
        .nodeImage()
        .<Cluster>map(image -> ContainerCluster.start(purpose, distribution, image, workspace))
        .orElseGet(() -> existing(distribution));
  }

  /** The cluster of the current kubeconfig context. */
  static Cluster existing(Distribution distribution) {
    return new ExistingCluster(distribution);
  }

  Distribution distribution();

  /** A client with all rights. */
  KubernetesClient client();

  /** The file that kubectl and Helm find the cluster with. */
  Path kubeconfig();

  /** Where the cluster came from, for people. */
  String description();

  /**
   * Makes an image of the machine's Docker engine available to the cluster's nodes.
   *
   * @return the name to use in manifests: tagged by content where this project's images change under one tag
   */
  String deliver(String image);

  /**
   * Ends a pod's processes without a word, as the kernel does when memory runs out (SIGKILL). Where nodes are out of reach, the
   * pod is deleted by force instead, which gives its processes a moment to end by themselves.
   */
  void kill(Pod pod);

  /** Ends what was opened here; the cluster itself stays, unless it was made for tests. */
  @Override
  void close();

  default Command kubectl(String... arguments) {
    return Command.of("kubectl", arguments).environment("KUBECONFIG", kubeconfig().toString());
  }

  default Command helm(String... arguments) {
    return Command.of("helm", arguments).environment("KUBECONFIG", kubeconfig().toString());
  }
}
