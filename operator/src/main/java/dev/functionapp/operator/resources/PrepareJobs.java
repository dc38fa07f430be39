package dev.functionapp.operator.resources;

import dev.functionapp.operator.plan.AppSpec;
import dev.functionapp.operator.plan.Platform;
import dev.functionapp.operator.plan.Revision;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicy;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The Job that builds a revision's package and verifies it. */
public final class PrepareJobs {

  /** How a step ends that found a mistake in the app: trying again would not help. */
  public static final int MISTAKE_EXIT_CODE = 10;

  private static final int RETRIES = 3;
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
    return new JobBuilder()
        .withMetadata(
            ObjectMetadata.of(spec.id(), purpose(revision), Labels.Component.PREPARE)
                .addToLabels(Labels.REVISION, revision.name())
                .addToAnnotations(Labels.ATTEMPT, "" + attempt)
                .build())
        .withNewSpec()
        .withBackoffLimit(RETRIES)
        .withActiveDeadlineSeconds(DEADLINE_SECONDS)
        .withPodFailurePolicy(failurePolicy())
        .withTemplate(template(spec, revision, platform))
        .endSpec()
        .build();
  }

  private static String purpose(Revision revision) {
    return "prepare/" + revision.name();
  }

  private static PodFailurePolicy failurePolicy() {
    return new PodFailurePolicyBuilder()
        .addNewRule()
        .withAction("FailJob")
        .withNewOnExitCodes()
        .withOperator("In")
        .withValues(MISTAKE_EXIT_CODE)
        .endOnExitCodes()
        .endRule()
        .addNewRule()
        .withAction("Ignore")
        .addNewOnPodCondition("True", "DisruptionTarget")
        .endRule()
        .build();
  }

  private static PodTemplateSpec template(AppSpec spec, Revision revision, Platform platform) {
    var app = spec.id();
    return new PodTemplateSpecBuilder()
        .withNewMetadata()
        .withLabels(Labels.of(app.name(), Labels.Component.PREPARE))
        .addToLabels(Labels.REVISION, revision.name())
        .endMetadata()
        .withNewSpec()
        .withRestartPolicy("Never")
        .withServiceAccountName(ServiceAccounts.name(app))
        .withAutomountServiceAccountToken(false)
        .withEnableServiceLinks(false)
        .withSecurityContext(Hardening.pod())
        .withInitContainers(build(spec, revision, platform))
        .withContainers(verify(spec, revision, platform))
        .withVolumes(volumes(spec, revision, platform))
        .endSpec()
        .build();
  }

  private static Container build(AppSpec spec, Revision revision, Platform platform) {
    var mounts = new ArrayList<>(commonMounts());
    mounts.add(Volumes.runMount("source"));
    platform.trustedCa().ifPresent(certificates -> mounts.add(Volumes.runMount("ca")));
    return step("build", revision, platform)
        .withEnv(buildVariables(spec, revision, platform))
        .withResources(
            Compute.of(
                Map.of("cpu", "100m", "memory", "256Mi"),
                Map.of("memory", platform.buildMemoryLimit())))
        .withVolumeMounts(mounts)
        .build();
  }

  private static Container verify(AppSpec spec, Revision revision, Platform platform) {
    var environment = new WorkerEnvironment(spec, revision, platform);
    return step("verify", revision, platform)
        .withEnvFrom(environment.sources())
        .withEnv(environment.variables(Map.of("FUNCAPP_REVISION", revision.name())))
        .withResources(Compute.of(spec.resources()))
        .withVolumeMounts(commonMounts())
        .build();
  }

  private static ContainerBuilder step(String name, Revision revision, Platform platform) {
    return new ContainerBuilder()
        .withName(name)
        .withImage(revision.image())
        .withImagePullPolicy(platform.imagePullPolicy())
        .withCommand("funcapp", "prepare", name)
        .withSecurityContext(Hardening.container());
  }

  private static List<EnvVar> buildVariables(AppSpec spec, Revision revision, Platform platform) {
    var variables = new ArrayList<EnvVar>();
    variables.add(variable("FUNCAPP_NAMESPACE", spec.id().namespace()));
    variables.add(variable("FUNCAPP_NAME", spec.id().name()));
    variables.add(variable("FUNCAPP_REVISION", revision.name()));
    variables.add(variable("FUNCAPP_BUILD_MODE", spec.buildMode().value()));
    if (!platform.pipIndexUrl().isEmpty()) {
      variables.add(variable("PIP_INDEX_URL", platform.pipIndexUrl()));
    }
    if (!platform.pipArguments().isEmpty()) {
      variables.add(variable("FUNCAPP_PIP_ARGUMENTS", platform.pipArguments()));
    }
    if (platform.trustedCa().isPresent()) {
      variables.add(variable("PIP_CERT", Volumes.runPath("ca/" + ConfigMaps.CA_KEY)));
    }
    return variables;
  }

  private static EnvVar variable(String name, String value) {
    return new EnvVarBuilder().withName(name).withValue(value).build();
  }

  private static List<VolumeMount> commonMounts() {
    return List.of(
        Volumes.runMount("prepare"),
        Volumes.mount("app", Volumes.APP_PATH),
        Volumes.mount("workspace", "/var/run/funcapp/workspace"),
        Volumes.mount("tmp", "/tmp"));
  }

  private static List<Volume> volumes(AppSpec spec, Revision revision, Platform platform) {
    var app = spec.id();
    var volumes = new ArrayList<Volume>();
    volumes.add(
        Volumes.secretFile(
            "prepare",
            Secrets.packageGrantsName(app),
            Secrets.prepareGrantKey(revision.name()),
            "prepare.json"));
    volumes.add(
        Volumes.configMap(
            "source",
            ConfigMaps.sourceName(app, revision),
            ConfigMaps.sourceItems(revision.files())));
    platform
        .trustedCa()
        .ifPresent(certificates ->
            volumes.add(Volumes.configMap("ca", ConfigMaps.trustedCaName(app), List.of())));
    volumes.add(Volumes.scratch("app", "2Gi"));
    volumes.add(Volumes.scratch("workspace", "2Gi"));
    volumes.add(Volumes.scratch("tmp", "2Gi"));
    return volumes;
  }
}
