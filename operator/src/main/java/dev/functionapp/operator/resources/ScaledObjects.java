package dev.functionapp.operator.resources;

import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.Group;
import dev.functionapp.operator.plan.Platform;
import dev.functionapp.operator.plan.Revision;
import dev.functionapp.operator.plan.StorageCloud;
import dev.functionapp.operator.plan.Trigger.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import sh.keda.v1alpha1.ScaledObject;
import sh.keda.v1alpha1.ScaledObjectSpec;
import sh.keda.v1alpha1.scaledobjectspec.Advanced;
import sh.keda.v1alpha1.scaledobjectspec.ScaleTargetRef;
import sh.keda.v1alpha1.scaledobjectspec.Triggers;
import sh.keda.v1alpha1.scaledobjectspec.advanced.HorizontalPodAutoscalerConfig;
import sh.keda.v1alpha1.scaledobjectspec.triggers.AuthenticationRef;

/** How KEDA scales a group: by the length of each of its queues, and by what the operator says. */
public final class ScaledObjects {

  /** KEDA leaves replicas as they are, and they can be set by hand. */
  public static final String PAUSED = "autoscaling.keda.sh/paused";

  private ScaledObjects() {}

  public static ScaledObject scaledObject(
      AppId app, Group group, Group.Scaled scale, Revision revision, Platform platform) {
    var target = new ScaleTargetRef();
    target.setName(Deployments.name(app.name(), group));
    target.setEnvSourceContainerName(Deployments.WORKER_CONTAINER);

    var autoscaler = new HorizontalPodAutoscalerConfig();
    autoscaler.setBehavior(ScalingBehavior.of(scale.cooldownPeriod()));
    var advanced = new Advanced();
    advanced.setHorizontalPodAutoscalerConfig(autoscaler);

    var spec = new ScaledObjectSpec();
    spec.setScaleTargetRef(target);
    spec.setPollingInterval(seconds(scale.pollingInterval()));
    spec.setCooldownPeriod(seconds(scale.cooldownPeriod()));
    spec.setMinReplicaCount(scale.minReplicas());
    spec.setMaxReplicaCount(scale.maxReplicas());
    spec.setAdvanced(advanced);
    spec.setTriggers(triggers(app, group, scale, revision, platform));

    var metadata = ObjectMetadata.of(app, group.name(), Labels.Component.WORKER);
    if (scale.paused()) {
      metadata.addToAnnotations(PAUSED, "true");
    }
    var scaledObject = new ScaledObject();
    scaledObject.setMetadata(metadata.build());
    scaledObject.setSpec(spec);
    return scaledObject;
  }

  /** Queues come first, in the scale's order: {@link #metricPrefix} counts on it. */
  private static List<Triggers> triggers(
      AppId app, Group group, Group.Scaled scale, Revision revision, Platform platform) {
    var triggers = new ArrayList<Triggers>();
    scale.queues().forEach(queue -> triggers.add(queueLength(app, queue, revision)));
    if (scale.demand().isPresent()) {
      triggers.add(demand(app, group, platform));
    }
    return triggers;
  }

  /**
   * What begins the name of the metric by which KEDA tells of a queue.
   *
   * @param index the queue's, within its scale
   */
  public static String metricPrefix(int index) {
    return "s" + index + "-";
  }

  private static Triggers queueLength(AppId app, Group.QueueLength queue, Revision revision) {
    var metadata =
        new TreeMap<>(
            Map.of(
                "queueName",
                queue.queue(),
                "queueLength",
                "" + queue.length(),
                // Messages that are being worked on count too: otherwise their pods would be
                // scaled away under them.
                "queueLengthStrategy",
                "all"));
    var trigger = new Triggers();
    trigger.setType("azure-queue");
    // KEDA reads the connection from the Deployment's environment once for each version of the
    // ScaledObject: without a change here it would go on watching where the settings once pointed.
    trigger.setName("queue-" + queue.function() + "-" + revision.name());
    trigger.setMetadata(metadata);
    switch (queue.connection().form()) {
      case CONNECTION_STRING -> metadata.put("connectionFromEnv", queue.connection().setting());
      case IDENTITY -> authenticate(app, trigger, queue.connection());
    }
    return trigger;
  }

  private static void authenticate(AppId app, Triggers trigger, Connection connection) {
    trigger.getMetadata().put("accountName", connection.accountName().orElseThrow());
    trigger
        .getMetadata()
        .put("cloud", connection.cloud().map(StorageCloud::kedaName).orElseThrow());
    var reference = new AuthenticationRef();
    reference.setName(TriggerAuthentications.name(app, connection));
    trigger.setAuthenticationRef(reference);
  }

  /** As many replicas as the scaling endpoint says; with 0, the group may sleep. */
  private static Triggers demand(AppId app, Group group, Platform platform) {
    var trigger = new Triggers();
    trigger.setType("metrics-api");
    trigger.setName("scaling-endpoint");
    trigger.setMetadata(
        new TreeMap<>(
            Map.of(
                "url",
                "%s/scaling/%s/%s/%s"
                    .formatted(
                        platform.scalingEndpoint(), app.namespace(), app.name(), group.name()),
                "valueLocation",
                "replicas",
                "targetValue",
                "1",
                "activationTargetValue",
                "0")));
    return trigger;
  }

  private static int seconds(Duration duration) {
    return (int) duration.toSeconds();
  }
}
