package dev.functionapp.operator.resources;

import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.Group;
import dev.functionapp.operator.plan.Revision;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import sh.keda.v1alpha1.ScaledObject;
import sh.keda.v1alpha1.ScaledObjectSpec;
import sh.keda.v1alpha1.scaledobjectspec.ScaleTargetRef;
import sh.keda.v1alpha1.scaledobjectspec.Triggers;

/** How KEDA scales a queue group. */
public final class ScaledObjects {

  private ScaledObjects() {}

  public static ScaledObject scaledObject(
      AppId app, Group group, Group.ByQueue scale, Revision revision) {
    var target = new ScaleTargetRef();
    target.setName(Deployments.name(app.name(), group));
    target.setEnvSourceContainerName(Deployments.WORKER_CONTAINER);

    var spec = new ScaledObjectSpec();
    spec.setScaleTargetRef(target);
    spec.setPollingInterval(seconds(scale.pollingInterval()));
    spec.setCooldownPeriod(seconds(scale.cooldownPeriod()));
    spec.setMinReplicaCount(scale.minReplicas());
    spec.setMaxReplicaCount(scale.maxReplicas());
    spec.setTriggers(List.of(queueLength(scale, revision)));

    var scaledObject = new ScaledObject();
    scaledObject.setMetadata(ObjectMetadata.of(app, group.name(), Labels.Component.WORKER).build());
    scaledObject.setSpec(spec);
    return scaledObject;
  }

  private static Triggers queueLength(Group.ByQueue scale, Revision revision) {
    var metadata =
        Map.of(
            "queueName",
            scale.queue(),
            "queueLength",
            "" + scale.queueLength(),
            // Messages that are being worked on count too: otherwise their pods would be scaled
            // away under them.
            "queueLengthStrategy",
            "all",
            "connectionFromEnv",
            scale.connectionSetting());
    var trigger = new Triggers();
    trigger.setType("azure-queue");
    // KEDA reads the connection from the Deployment's environment once for each version of the
    // ScaledObject: without a change here it would go on watching where the settings once pointed.
    trigger.setName("revision-" + revision.name());
    trigger.setMetadata(new TreeMap<>(metadata));
    return trigger;
  }

  private static int seconds(Duration duration) {
    return (int) duration.toSeconds();
  }
}
