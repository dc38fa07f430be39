package dev.functionapp.operator.resources;

import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.AppSpec;
import dev.functionapp.operator.plan.Platform;
import dev.functionapp.operator.plan.Revision;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The Job that builds a revision's package, where it has one, and verifies it. */
public final class PrepareJobs {

  private static final long DEADLINE_SECONDS = 1800;

  private PrepareJobs() {}

  /** The name of the Job that prepares a revision. */
  public static String name(AppSpec spec, Revision revision) {
    return Names.of(spec.id().name(), purpose(revision));
  }

  /**
   * The Job that prepares a revision.
   *
   * @param attempt counts the Jobs of this revision, from 1
   */
  public static Job job(AppSpec spec, Revision revision, Platform platform, int attempt) {
    var metadata =
        ObjectMetadata.of(spec.id(), purpose(revision), Labels.Component.PREPARE)
            .addToLabels(Labels.REVISION, revision.name())
            .addToAnnotations(Labels.ATTEMPT, "" + attempt)
            .addToAnnotations(Labels.ACCESS, access(spec, revision, platform));
    spec.reconcileAt().ifPresent(value -> metadata.addToAnnotations(Labels.RECONCILE_AT, value));
    return new JobBuilder()
        .withMetadata(metadata.build())
        .withNewSpec()
        .withBackoffLimit(Jobs.RETRIES)
        .withActiveDeadlineSeconds(DEADLINE_SECONDS)
        .withPodFailurePolicy(Jobs.failurePolicy())
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(Labels.of(spec.id().name(), Labels.Component.PREPARE))
        .addToLabels(Labels.REVISION, revision.name())
        .endMetadata()
        .withSpec(pod(spec, revision, platform))
        .endTemplate()
        .endSpec()
        .build();
  }

  /**
   * A hash of how the Job gets at what the revision is made of: places and Secrets may change while
   * the content, and with it the revision, stays the same.
   */
  public static String access(AppSpec spec, Revision revision, Platform platform) {
    return new BuildStep(spec, revision, platform).access();
  }

  private static String purpose(Revision revision) {
    return "prepare/" + revision.name();
  }

  private static PodSpec pod(AppSpec spec, Revision revision, Platform platform) {
    var pod =
        Jobs.pod(spec.id())
            .withImagePullSecrets(Deployments.pullSecrets(spec))
            .withContainers(verify(spec, revision, platform));
    var volumes = new ArrayList<Volume>();
    volumes.add(grants(spec.id(), revision));
    if (revision.hasPackage()) {
      var build = new BuildStep(spec, revision, platform);
      var mounts = new ArrayList<>(commonMounts(revision));
      mounts.addAll(build.mounts());
      pod.withInitContainers(build.container(mounts));
      volumes.addAll(build.volumes());
      volumes.add(Volumes.scratch("app", "2Gi"));
    }
    volumes.add(Volumes.scratch("workspace", "2Gi"));
    volumes.add(Volumes.scratch("tmp", "2Gi"));
    return pod.withVolumes(volumes).build();
  }

  private static Container verify(AppSpec spec, Revision revision, Platform platform) {
    var environment = new WorkerEnvironment(spec, revision, platform);
    return Jobs.step("verify", revision.image(), platform.imagePullPolicy())
        .withEnvFrom(environment.sources())
        .withEnv(environment.variables(Map.of("FUNCAPP_REVISION", revision.name())))
        .withResources(Compute.of(spec.resources()))
        .withVolumeMounts(commonMounts(revision))
        .build();
  }

  private static Volume grants(AppId app, Revision revision) {
    return Volumes.secretFile(
        "prepare",
        Secrets.packageGrantsName(app),
        Secrets.prepareGrantKey(revision.name()),
        "prepare.json");
  }

  private static List<VolumeMount> commonMounts(Revision revision) {
    var mounts = new ArrayList<VolumeMount>();
    mounts.add(Volumes.runMount("prepare"));
    if (revision.hasPackage()) {
      mounts.add(Volumes.mount("app", Volumes.APP_PATH));
    }
    mounts.add(Volumes.mount("workspace", "/var/run/funcapp/workspace"));
    mounts.add(Volumes.mount("tmp", "/tmp"));
    return mounts;
  }
}
