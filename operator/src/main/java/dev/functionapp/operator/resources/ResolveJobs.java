package dev.functionapp.operator.resources;

import dev.functionapp.operator.plan.AppSpec;
import dev.functionapp.operator.plan.Digests;
import dev.functionapp.operator.plan.Platform;
import dev.functionapp.operator.plan.ResolvedSource;
import dev.functionapp.operator.plan.Source;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The Job that looks up at which commit a branch or tag is. */
public final class ResolveJobs {

  private static final String STEP = "resolve";
  private static final long DEADLINE_SECONDS = 300;

  private ResolveJobs() {}

  /** Whether an object is such a Job. */
  public static boolean isOne(HasMetadata object) {
    return object instanceof Job
        && Labels.Component.RESOLVE
            .value()
            .equals(object.getMetadata().getLabels().get(Labels.COMPONENT));
  }

  /**
   * The Job of a lookup. Its name changes with everything that may make it end otherwise, so what
   * is known of one lookup never answers another.
   *
   * @param image the worker image
   * @param known what the lookup before found
   * @param attempt counts the Jobs of this lookup, from 1
   */
  public static Job job(
      AppSpec spec,
      Source.Git git,
      String image,
      Optional<ResolvedSource> known,
      Platform platform,
      int attempt) {
    var app = spec.id();
    var access = SourceAccess.toRef(app, git, platform);
    var purpose = purpose(spec, image, known, access);
    return new JobBuilder()
        .withMetadata(
            ObjectMetadata.of(app, purpose, Labels.Component.RESOLVE)
                .addToAnnotations(Labels.ATTEMPT, "" + attempt)
                .build())
        .withNewSpec()
        .withBackoffLimit(Jobs.RETRIES)
        .withActiveDeadlineSeconds(DEADLINE_SECONDS)
        .withPodFailurePolicy(Jobs.failurePolicy())
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(Labels.of(app.name(), Labels.Component.RESOLVE))
        .endMetadata()
        .withSpec(
            Jobs.pod(app)
                .withContainers(container(spec, image, platform, access))
                .withVolumes(volumes(access))
                .build())
        .endTemplate()
        .endSpec()
        .build();
  }

  private static String purpose(
      AppSpec spec, String image, Optional<ResolvedSource> known, SourceAccess access) {
    return "resolve/"
        + Digests.shortDigest(
            Map.of(
                "access", access.digest(),
                "image", image,
                "known", known.map(found -> found.at().toString()).orElse(""),
                "reconcileAt", spec.reconcileAt().orElse("")));
  }

  private static Container container(
      AppSpec spec, String image, Platform platform, SourceAccess access) {
    var variables = new ArrayList<EnvVar>();
    variables.add(Jobs.variable("FUNCAPP_NAMESPACE", spec.id().namespace()));
    variables.add(Jobs.variable("FUNCAPP_NAME", spec.id().name()));
    variables.addAll(access.variables());
    var mounts = new ArrayList<VolumeMount>(access.mounts());
    mounts.add(Volumes.mount("tmp", "/tmp"));
    return Jobs.step(STEP, image, platform.imagePullPolicy())
        .withEnv(variables)
        .withResources(
            Compute.of(Map.of("cpu", "50m", "memory", "64Mi"), Map.of("memory", "256Mi")))
        .withVolumeMounts(mounts)
        .build();
  }

  private static List<Volume> volumes(SourceAccess access) {
    var volumes = new ArrayList<Volume>(access.volumes());
    volumes.add(Volumes.scratch("tmp", "256Mi"));
    return volumes;
  }
}
