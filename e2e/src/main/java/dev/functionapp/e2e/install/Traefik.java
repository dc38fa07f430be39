package dev.functionapp.e2e.install;

import dev.functionapp.e2e.Workspace;
import dev.functionapp.e2e.cluster.Cluster;
import dev.functionapp.e2e.shell.Command;
import dev.functionapp.e2e.storage.Tunnel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Traefik, which brings callers to apps by Ingresses and by HTTPRoutes, with the definitions of the Gateway API. */
public final class Traefik implements AutoCloseable {

  /** The namespace that its manifest names, too. */
  public static final String NAMESPACE = "traefik";

  /** The name of its IngressClass and of its GatewayClass. */
  public static final String CLASS = "traefik";

  /** Where it listens for HTTP, which a Gateway's listener names. */
  public static final int HTTP_PORT = 8000;

  /** Where it listens for HTTPS, which a Gateway's listener names. */
  public static final int HTTPS_PORT = 8443;

  private static final String NAME = "traefik";

  private final Cluster cluster;
  private final Workspace workspace;

  private Traefik(Cluster cluster, Workspace workspace) {
    this.cluster = cluster;
    this.workspace = workspace;
  }

  /** Installs it and waits until it serves. */
  public static Traefik install(Cluster cluster, Workspace workspace) {
    var traefik = new Traefik(cluster, workspace);
    if (cluster.distribution().traefik().isPresent()) {
      build(workspace);
    }
    Namespaces.restricted(cluster.client(), NAMESPACE);
    cluster.kubectl("apply", "--server-side", "--force-conflicts", "--filename", cluster.distribution().gatewayApi()).check();
    cluster.kubectl("wait", "--for=condition=Established", "crd", "httproutes.gateway.networking.k8s.io", "--timeout=60s").check();
    cluster.distribution().traefik().ifPresentOrElse(traefik::applyManifest, traefik::installChart);
    cluster.client().apps().deployments().inNamespace(NAMESPACE).withName(NAME).waitUntilReady(3, TimeUnit.MINUTES);
    return traefik;
  }

  /** Built here, behind what else runs, and not with the other images, which every test needs: one needs this, and it takes minutes. */
  private static void build(Workspace workspace) {
    Command.of("nice", "-n", "19", workspace.file("e2e/cluster/traefik/build").toString()).timeout(Duration.ofMinutes(60)).check();
  }

  private void applyManifest(Path manifest) {
    cluster.deliver("localhost/traefik:" + workspace.version("TRAEFIK_VERSION"));
    cluster.kubectl("apply", "--server-side", "--force-conflicts", "--filename", manifest.toString()).check();
  }

  private void installChart() {
    cluster
        .helm("upgrade", "--install", NAME, "traefik", "--repo", "https://traefik.github.io/charts", "--namespace", NAMESPACE)
        .with("--set", "image.tag=v" + workspace.version("TRAEFIK_VERSION"), "--set", "service.type=ClusterIP")
        .with("--set", "providers.kubernetesGateway.enabled=true", "--set", "gateway.enabled=false")
        .with("--set", "providers.kubernetesIngress.publishedService.enabled=false")
        .with("--set", "additionalArguments={--providers.kubernetesingress.ingressendpoint.hostname=traefik.traefik.svc.cluster.local}")
        .with("--wait", "--timeout", "5m")
        .timeout(Duration.ofMinutes(6))
        .check();
  }

  /** A way from this machine to one of its ports. */
  public Tunnel tunnel(int port) {
    return Tunnel.open(cluster.client(), NAMESPACE, NAME, port);
  }

  /** Removes it, and with the definitions of the Gateway API every HTTPRoute. */
  @Override
  public void close() {
    Optional<Path> manifest = cluster.distribution().traefik();
    if (manifest.isPresent()) {
      cluster.kubectl("delete", "--ignore-not-found", "--wait=false", "--filename", manifest.get().toString()).check();
    } else {
      cluster.helm("uninstall", NAME, "--namespace", NAMESPACE, "--ignore-not-found").check();
    }
    cluster.kubectl("delete", "--ignore-not-found", "--wait=false", "--filename", cluster.distribution().gatewayApi()).check();
    cluster.client().namespaces().withName(NAMESPACE).delete();
  }
}
