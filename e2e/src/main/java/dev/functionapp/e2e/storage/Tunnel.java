package dev.functionapp.e2e.storage;

import dev.functionapp.e2e.progress.Ticker;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.LocalPortForward;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** A port of this machine that leads to a Service: a port-forward that is opened again, at the same port, when its pod goes. */
public final class Tunnel implements AutoCloseable {

  private final KubernetesClient client;
  private final String namespace;
  private final Service service;
  private final int containerPort;
  private final Ticker watch;
  private String pod;
  private LocalPortForward forward;

  private Tunnel(KubernetesClient client, String namespace, Service service, int containerPort) {
    this.client = client;
    this.namespace = namespace;
    this.service = service;
    this.containerPort = containerPort;
    open(0);
    this.watch = Ticker.every(Duration.ofSeconds(1), this::reopenIfBroken);
  }

  /**
   * Opens a tunnel to a Service's pods.
   *
   * @throws IllegalStateException when the Service has no ready pod
   */
  public static Tunnel open(KubernetesClient client, String namespace, String service, int containerPort) {
    return new Tunnel(client, namespace, client.services().inNamespace(namespace).withName(service).require(), containerPort);
  }

  /** The port on the loopback address. */
  public synchronized int port() {
    return forward.getLocalPort();
  }

  private synchronized void open(int localPort) {
    Pod ready = readyPod().orElseThrow(() -> new IllegalStateException("no pod of Service " + namespace + "/" + service.getMetadata().getName() + " is ready"));
    pod = ready.getMetadata().getName();
    var target = client.pods().inNamespace(namespace).withName(pod);
    forward = localPort == 0 ? target.portForward(containerPort) : target.portForward(containerPort, localPort);
  }

  private Optional<Pod> readyPod() {
    return client.pods().inNamespace(namespace).withLabels(service.getSpec().getSelector()).list().getItems().stream()
        .filter(Readiness::isPodReady)
        .filter(candidate -> candidate.getMetadata().getDeletionTimestamp() == null)
        .findFirst();
  }

  private synchronized void reopenIfBroken() {
    Optional<Pod> ready = readyPod();
    boolean serves = ready.isPresent() && client.pods().inNamespace(namespace).withName(pod).isReady() && !forward.errorOccurred();
    if (!serves && ready.isPresent()) {
      int port = forward.getLocalPort();
      closeForward();
      open(port);
    }
  }

  private synchronized void closeForward() {
    try {
      forward.close();
    } catch (IOException e) {
      // Its pod is gone, and so is the connection.
    }
  }

  @Override
  public void close() {
    watch.close();
    closeForward();
  }
}
