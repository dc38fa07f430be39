package dev.functionapp.operator.resources;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.functionapp.operator.plan.AppPlan;
import dev.functionapp.operator.plan.AppSpec;
import dev.functionapp.operator.plan.Group;
import dev.functionapp.operator.plan.Http;
import dev.functionapp.operator.plan.Platform;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The Deployment of a scale group. */
public final class Deployments {

  static final int HTTP_PORT = 8080;
  static final String HTTP_PORT_NAME = "http";
  static final String WORKER_CONTAINER = "worker";

  /** Where a worker answers probes, scrapes and the operator. */
  public static final int MANAGEMENT_PORT = 8081;

  private static final String MANAGEMENT_PORT_NAME = "management";
  private static final String PACKAGE_VOLUME = "package";
  private static final String PACKAGE_FILE = "package.json";
  private static final String APP_VOLUME = "app";
  private static final String KEYS_VOLUME = "keys";

  private Deployments() {}

  /** The object name of a scale group, which its Deployment and ScaledObject share. */
  public static String name(String app, Group group) {
    return name(app, group.name());
  }

  /** The object name of a scale group, by the group's name. */
  public static String name(String app, String group) {
    return Names.of(app, group);
  }

  /**
   * The Deployment of a group, without {@code replicas}: who sets those depends on who scales it.
   */
  public static Deployment deployment(AppPlan plan, Group group, Platform platform) {
    var app = plan.spec().id();
    var name = name(app.name(), group);
    var metadata =
        ObjectMetadata.of(app, group.name(), Labels.Component.WORKER)
            .addToLabels(Labels.REVISION, plan.revision().name());
    if (group.scale() instanceof Group.Scaled scale) {
      scale
          .demand()
          .map(demand -> ScalingAnnotation.of(scale, demand, plan.revision()))
          .ifPresent(json -> metadata.addToAnnotations(Labels.SCALING, json));
    }
    return new DeploymentBuilder()
        .withMetadata(metadata.build())
        .withNewSpec()
        .withNewSelector()
        .withMatchLabels(Labels.selector(app.name(), name))
        .endSelector()
        // ControllerRevisions are the history; what a ReplicaSet alone remembers could not be
        // verified.
        .withRevisionHistoryLimit(0)
        .withProgressDeadlineSeconds((int) plan.spec().rollout().progressDeadline().toSeconds())
        .withNewStrategy()
        .withType("RollingUpdate")
        .withNewRollingUpdate()
        .withMaxUnavailable(new IntOrString(0))
        .withMaxSurge(new IntOrString(1))
        .endRollingUpdate()
        .endStrategy()
        .withTemplate(template(plan, group, name, platform))
        .endSpec()
        .build();
  }

  private static PodTemplateSpec template(
      AppPlan plan, Group group, String name, Platform platform) {
    var app = plan.spec().id();
    var metadata =
        new ObjectMetaBuilder()
            .withLabels(platform.podLabels())
            .addToLabels(Labels.of(app.name(), Labels.Component.WORKER))
            .addToLabels(Labels.GROUP, name)
            .addToLabels(Labels.REVISION, plan.revision().name());
    if (plan.revision().hasPackage()) {
      metadata.addToAnnotations(Labels.PACKAGE_KEY, plan.revision().packageKey());
    }
    return new PodTemplateSpecBuilder()
        .withMetadata(metadata.build())
        .withNewSpec()
        .withServiceAccountName(ServiceAccounts.name(app))
        .withImagePullSecrets(pullSecrets(plan.spec()))
        .withAutomountServiceAccountToken(false)
        .withEnableServiceLinks(false)
        .withTerminationGracePeriodSeconds((long) plan.gracePeriodSeconds())
        .withSecurityContext(Hardening.pod())
        .withTopologySpreadConstraints(
            TopologySpread.of(app, name, "kubernetes.io/hostname"),
            TopologySpread.of(app, name, "topology.kubernetes.io/zone"))
        .withContainers(container(plan, group, platform))
        .withVolumes(volumes(plan, group, platform))
        .endSpec()
        .build();
  }

  /** The Secrets by which the kubelet may pull the image that holds the app. */
  static List<LocalObjectReference> pullSecrets(AppSpec spec) {
    return spec.source().pullSecrets().stream().map(LocalObjectReference::new).toList();
  }

  private static List<Volume> volumes(AppPlan plan, Group group, Platform platform) {
    var app = plan.spec().id();
    var ownKeys = plan.spec().http().keysSecret();
    var volumes = new ArrayList<Volume>();
    if (plan.revision().hasPackage()) {
      volumes.add(
          Volumes.secretFile(
              PACKAGE_VOLUME,
              Secrets.packageGrantsName(app),
              Secrets.workerGrantKey(plan.revision().name()),
              PACKAGE_FILE));
      volumes.add(Volumes.scratch(APP_VOLUME, "2Gi"));
    }
    // Without the keys that its user names the app would answer 401 to everyone: the pods before
    // serve on until they are there. Whatever serves no HTTP does not wait for them.
    volumes.add(
        Volumes.secret(
            KEYS_VOLUME,
            ownKeys.orElseGet(() -> Secrets.functionKeysName(app)),
            ownKeys.isEmpty() || !plan.servesHttp(group)));
    volumes.addAll(settingsFiles(plan, platform).volumes());
    volumes.add(Volumes.scratch("tmp", "1Gi"));
    return volumes;
  }

  private static List<VolumeMount> mounts(AppPlan plan, Platform platform) {
    var mounts = new ArrayList<VolumeMount>();
    if (plan.revision().hasPackage()) {
      mounts.add(Volumes.runMount(PACKAGE_VOLUME));
      mounts.add(Volumes.mount(APP_VOLUME, Volumes.APP_PATH));
    }
    mounts.add(Volumes.runMount(KEYS_VOLUME));
    mounts.addAll(settingsFiles(plan, platform).mounts());
    mounts.add(Volumes.mount("tmp", "/tmp"));
    return mounts;
  }

  private static SettingsFiles settingsFiles(AppPlan plan, Platform platform) {
    return new SettingsFiles(environment(plan, platform).objects());
  }

  private static WorkerEnvironment environment(AppPlan plan, Platform platform) {
    return new WorkerEnvironment(plan.spec(), plan.revision(), platform);
  }

  private static Container container(AppPlan plan, Group group, Platform platform) {
    var environment = environment(plan, platform);
    return new ContainerBuilder()
        .withName(WORKER_CONTAINER)
        .withImage(plan.revision().image())
        .withImagePullPolicy(platform.imagePullPolicy())
        .withCommand("funcapp", "start")
        .withEnvFrom(environment.sources())
        .withEnv(environment.variables(contract(plan, group)))
        .addNewPort()
        .withName(HTTP_PORT_NAME)
        .withContainerPort(HTTP_PORT)
        .withProtocol("TCP")
        .endPort()
        .addNewPort()
        .withName(MANAGEMENT_PORT_NAME)
        .withContainerPort(MANAGEMENT_PORT)
        .withProtocol("TCP")
        .endPort()
        .withResources(Compute.of(group.resources()))
        // The package is fetched and the app imported before the worker is ready: allow ten
        // minutes.
        .withStartupProbe(probe("/readyz", 1, 600))
        .withReadinessProbe(probe("/readyz", 5, 2))
        .withLivenessProbe(probe("/livez", 10, 3))
        .withSecurityContext(Hardening.container())
        .withVolumeMounts(mounts(plan, platform))
        .build();
  }

  private static Map<String, String> contract(AppPlan plan, Group group) {
    var variables = new LinkedHashMap<String, String>();
    variables.put("FUNCAPP_REVISION", plan.revision().name());
    variables.put("FUNCAPP_GROUP", group.name());
    variables.put("FUNCAPP_FUNCTIONS", String.join(",", group.functions()));
    if (plan.revision().hasPackage()) {
      variables.put("FUNCAPP_PACKAGE_FILE", Volumes.runPath(PACKAGE_VOLUME + "/" + PACKAGE_FILE));
    }
    variables.put("FUNCAPP_KEYS_FOLDER", Volumes.runPath(KEYS_VOLUME));
    variables.put("FUNCAPP_SETTINGS_FOLDER", Volumes.runPath(SettingsFiles.FOLDER));
    variables.put("FUNCAPP_HTTP_PORT", "" + HTTP_PORT);
    variables.put("FUNCAPP_MANAGEMENT_PORT", "" + MANAGEMENT_PORT);
    if (plan.servesHttp(group)) {
      plan.spec().http().cors().ifPresent(cors -> variables.putAll(cors(cors)));
    }
    return variables;
  }

  /** As upstream's container is told. */
  private static Map<String, String> cors(Http.Cors cors) {
    var origins = new ArrayNode(JsonNodeFactory.instance);
    cors.allowedOrigins().forEach(origins::add);
    var variables = new LinkedHashMap<String, String>();
    variables.put("CORS_ALLOWED_ORIGINS", origins.toString());
    variables.put("CORS_SUPPORT_CREDENTIALS", "" + cors.supportCredentials());
    return variables;
  }

  private static Probe probe(String path, int periodSeconds, int failureThreshold) {
    return new ProbeBuilder()
        .withNewHttpGet()
        .withPath(path)
        .withPort(new IntOrString(MANAGEMENT_PORT_NAME))
        .endHttpGet()
        .withPeriodSeconds(periodSeconds)
        .withTimeoutSeconds(3)
        .withFailureThreshold(failureThreshold)
        .build();
  }
}
