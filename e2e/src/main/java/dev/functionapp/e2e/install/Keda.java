package dev.functionapp.e2e.install;

import dev.functionapp.e2e.cluster.Cluster;
import dev.functionapp.e2e.cluster.Distribution.KedaChart;
import dev.functionapp.e2e.cluster.Distribution.KedaManifest;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** KEDA, in a namespace of its own. */
public final class Keda {

  /** The namespace that its manifests name, too. */
  public static final String NAMESPACE = "keda";

  private static final String DEFINITION = "scaledobjects.keda.sh";
  private static final Set<String> GROUPS = Set.of("keda.sh", "eventing.keda.sh");
  private static final String METRICS_API = "v1beta1.external.metrics.k8s.io";
  private static final Pattern LOCAL_IMAGE = Pattern.compile("\\bimage:\\s*\"?(localhost/[^\\s\"]+)");

  private final Cluster cluster;

  public Keda(Cluster cluster) {
    this.cluster = cluster;
  }

  /** Whether the cluster has KEDA, from whomever. */
  public boolean isInstalled() {
    return cluster.client().apiextensions().v1().customResourceDefinitions().withName(DEFINITION).get() != null;
  }

  /** Installs KEDA and waits until its metrics are served. */
  public void install() {
    Namespaces.restricted(cluster.client(), NAMESPACE);
    switch (cluster.distribution().keda()) {
      case KedaChart chart ->
          cluster
              .helm("upgrade", "--install", "keda", "keda", "--repo", chart.repository(), "--version", chart.version())
              .with("--namespace", NAMESPACE, "--wait", "--timeout", "5m")
              .timeout(Duration.ofMinutes(6))
              .check();
      case KedaManifest manifest -> {
        localImages(manifest.file()).forEach(cluster::deliver);
        cluster.kubectl("apply", "--server-side", "--force-conflicts", "--filename", manifest.file().toString()).check();
      }
    }
    awaitServing();
  }

  /** Removes KEDA with its definitions, and with them every ScaledObject. */
  public void uninstall() {
    removeDefinitions();
    switch (cluster.distribution().keda()) {
      case KedaChart chart ->
          cluster.helm("uninstall", "keda", "--namespace", NAMESPACE, "--wait", "--ignore-not-found").check();
      case KedaManifest manifest ->
          cluster
              .kubectl("delete", "--ignore-not-found", "--wait", "--timeout=120s", "--filename", manifest.file().toString())
              .timeout(Duration.ofMinutes(3))
              .check();
    }
    cluster.client().namespaces().withName(NAMESPACE).delete();
    cluster.client().namespaces().withName(NAMESPACE).waitUntilCondition(namespace -> namespace == null, 2, TimeUnit.MINUTES);
  }

  /** While KEDA still runs: only it takes its finalizers off the objects, without which the definitions would stay. */
  private void removeDefinitions() {
    var definitions = cluster.client().apiextensions().v1().customResourceDefinitions();
    List<CustomResourceDefinition> ofKeda =
        definitions.list().getItems().stream().filter(definition -> GROUPS.contains(definition.getSpec().getGroup())).toList();
    ofKeda.forEach(definition -> cluster.client().resource(definition).delete());
    ofKeda.forEach(definition -> cluster.client().resource(definition).waitUntilCondition(Objects::isNull, 3, TimeUnit.MINUTES));
  }

  private void awaitServing() {
    KubernetesClient client = cluster.client();
    for (Deployment deployment : client.apps().deployments().inNamespace(NAMESPACE).list().getItems()) {
      client.resource(deployment).waitUntilReady(3, TimeUnit.MINUTES);
    }
    cluster.kubectl("wait", "--for=condition=Available", "apiservice/" + METRICS_API, "--timeout=120s").timeout(Duration.ofMinutes(3)).check();
  }

  private static List<String> localImages(Path manifest) {
    try {
      return LOCAL_IMAGE.matcher(Files.readString(manifest)).results().map(match -> match.group(1)).distinct().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("KEDA's manifest is not there: build it first (make images)", e);
    }
  }
}
