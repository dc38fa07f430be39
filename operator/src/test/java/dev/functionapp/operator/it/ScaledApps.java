package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import sh.keda.v1alpha1.ScaledObject;

/** Apps with one function of a queue, whose group KEDA scales while it is there. */
final class ScaledApps {

  static final String GROUP = "queue-resize";

  /** What a spec asks for of a group that is scaled, and how many replicas there are at least. */
  enum State {
    SCALED("{}", false, 0),
    PAUSED("{paused: true}", false, 0),
    MINIMUM("{minReplicas: 2}", false, 2),
    STOPPED("{}", true, 0);

    private final String scaling;
    private final boolean stopped;
    private final int least;

    State(String scaling, boolean stopped, int least) {
      this.scaling = scaling;
      this.stopped = stopped;
      this.least = least;
    }

    /** What there has to be when the app comes from a state in which there were so many. */
    int after(State before, int replicas) {
      if (this == STOPPED) {
        return 0;
      }
      return before == STOPPED ? least : replicas;
    }
  }

  private final Cluster cluster;
  private final Preparer preparer;

  ScaledApps(Cluster cluster, Preparer preparer) {
    this.cluster = cluster;
    this.preparer = preparer;
  }

  static String spec(String source, State state) {
    return "{source: {inline: {files: {function_app.py: \"%s\"}}}, scaling: %s, stopped: %s}"
        .formatted(source, state.scaling, state.stopped);
  }

  void deploy(String app, State state) {
    cluster.apply(app, spec(app, state));
    preparer.prepare(app, Preparer.QUEUE);
    await("what scales " + app)
        .atMost(30, SECONDS)
        .until(() -> cluster.objects(ScaledObject.class, app).size() == 1);
    cluster.awaitReason(app, "PackageReady", "Prepared", 30);
  }

  void enter(String app, State state) {
    cluster.apply(app, spec(app, state));
  }

  boolean seen(String app) {
    var found = cluster.app(app);
    return found.getMetadata().getGeneration().equals(found.getStatus().getObservedGeneration());
  }

  /** Waits until the operator knows whether KEDA is there: it looks every 15 seconds. */
  void awaitKeda(boolean installed) {
    cluster.kedaInstalled.set(installed);
    var probe = installed ? "keda-is-there" : "keda-is-gone";
    if (cluster.app(probe) == null) {
      cluster.apply(probe, spec(probe, State.SCALED));
      preparer.prepare(probe, Preparer.QUEUE);
    }
    cluster.awaitReason(probe, "ScalingReady", installed ? "KedaPending" : "KedaNotInstalled", 60);
  }

  Deployment queueGroup(String app) {
    return cluster.deployment(app, GROUP).orElseThrow();
  }

  int replicas(String app) {
    return queueGroup(app).getSpec().getReplicas();
  }

  /** Does what KEDA and the HPA do, or someone by hand. */
  void scale(String app, int replicas) {
    cluster.client.apps().deployments().resource(queueGroup(app)).scale(replicas);
  }

  /** Who owns {@code spec.replicas}. */
  Set<String> owners(String app) {
    return queueGroup(app).getMetadata().getManagedFields().stream()
        .filter(entry ->
            Optional.ofNullable(entry.getFieldsV1().getAdditionalProperties().get("f:spec"))
                .filter(spec -> spec instanceof Map<?, ?> map && map.containsKey("f:replicas"))
                .isPresent())
        .map(entry -> entry.getManager())
        .collect(Collectors.toSet());
  }
}
