package dev.functionapp.operator.resources;

import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.Group;
import dev.functionapp.operator.plan.Revision;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import sh.keda.v1alpha1.ScaledObject;
import sh.keda.v1alpha1.ScaledObjectSpec;
import sh.keda.v1alpha1.scaledobjectspec.ScaleTargetRef;
import sh.keda.v1alpha1.scaledobjectspec.Triggers;

/** How KEDA scales a group. */
public final class ScaledObjects {

  private ScaledObjects() {}

  public static ScaledObject scaledObject(
      AppId app, Group group, Group.Scaled scale, Revision revision) {
    var target = new ScaleTargetRef();
    target.setName(Deployments.name(app.name(), group));
    target.setEnvSourceContainerName(Deployments.WORKER_CONTAINER);

    var spec = new ScaledObjectSpec();
    spec.setScaleTargetRef(target);
    spec.setPollingInterval(seconds(scale.pollingInterval()));
    spec.setCooldownPeriod(seconds(scale.cooldownPeriod()));
    spec.setMinReplicaCount(scale.minReplicas());
    spec.setMaxReplicaCount(scale.maxReplicas());
    spec.setTriggers(scale.queues().stream().map(queue -> queueLength(queue, revision)).toList());

    var scaledObject = new ScaledObject();
    scaledObject.setMetadata(ObjectMetadata.of(app, group.name(), Labels.Component.WORKER).build());
    scaledObject.setSpec(spec);
    return scaledObject;
  }

  private static Triggers queueLength(Group.QueueLength queue, Revision revision) {
    var metadata =
        Map.of(
            "queueName",
            queue.queue(),
            "queueLength",
            "" + queue.length(),
            // Messages that are being worked on count too: otherwise their pods would be scaled
            // away under them.
            "queueLengthStrategy",
            "all",
            "connectionFromEnv",
            queue.connection().setting());
    var trigger = new Triggers();
    trigger.setType("azure-queue");
    // KEDA reads the connection from the Deployment's environment once for each version of the
    // ScaledObject: without a change here it would go on watching where the settings once pointed.
    trigger.setName(queue.function() + "-" + revision.name());
    trigger.setMetadata(new TreeMap<>(metadata));
    return trigger;
  }

  private static int seconds(Duration duration) {
    return (int) duration.toSeconds();
  }
}
