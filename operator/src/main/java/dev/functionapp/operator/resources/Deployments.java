package dev.functionapp.operator.resources;

import dev.functionapp.operator.plan.AppPlan;
import dev.functionapp.operator.plan.Group;
import dev.functionapp.operator.plan.Platform;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.util.LinkedHashMap;
import java.util.Map;

/** The Deployment of a scale group. */
public final class Deployments {

  static final int HTTP_PORT = 8080;
  static final String HTTP_PORT_NAME = "http";
  static final String WORKER_CONTAINER = "worker";

  private static final int MANAGEMENT_PORT = 8081;
  private static final String MANAGEMENT_PORT_NAME = "management";
  private static final String PACKAGE_FILE = "package.json";

  private Deployments() {}

  /** The object name of a scale group, which its Deployment and ScaledObject share. */
  public static String name(String app, Group group) {
    return Names.of(app, group.name());
  }

  /**
   * The Deployment of a group, without {@code replicas}: who sets those depends on who scales it.
   */
  public static Deployment deployment(AppPlan plan, Group group, Platform platform) {
    var app = plan.spec().id();
    var name = name(app.name(), group);
    return new DeploymentBuilder()
        .withMetadata(
            ObjectMetadata.of(app, group.name(), Labels.Component.WORKER)
                .addToLabels(Labels.REVISION, plan.revision().name())
                .build())
        .withNewSpec()
        .withNewSelector()
        .withMatchLabels(Labels.selector(app.name(), name))
        .endSelector()
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
    return new PodTemplateSpecBuilder()
        .withNewMetadata()
        .withLabels(Labels.of(app.name(), Labels.Component.WORKER))
        .addToLabels(Labels.GROUP, name)
        .addToLabels(Labels.REVISION, plan.revision().name())
        .addToAnnotations(Labels.PACKAGE_KEY, plan.revision().packageKey())
        .endMetadata()
        .withNewSpec()
        .withServiceAccountName(ServiceAccounts.name(app))
        .withAutomountServiceAccountToken(false)
        .withEnableServiceLinks(false)
        .withTerminationGracePeriodSeconds((long) plan.gracePeriodSeconds())
        .withSecurityContext(Hardening.pod())
        .withContainers(container(plan, group, platform))
        .withVolumes(
            Volumes.secretFile(
                "package",
                Secrets.packageGrantsName(app),
                Secrets.workerGrantKey(plan.revision().name()),
                PACKAGE_FILE),
            Volumes.scratch("app", "2Gi"),
            Volumes.scratch("tmp", "1Gi"))
        .endSpec()
        .build();
  }

  private static Container container(AppPlan plan, Group group, Platform platform) {
    var environment = new WorkerEnvironment(plan.spec(), platform);
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
        .withResources(Compute.of(plan.spec().resources()))
        // The package is fetched and the app imported before the worker is ready: allow ten
        // minutes.
        .withStartupProbe(probe("/readyz", 1, 600))
        .withReadinessProbe(probe("/readyz", 5, 2))
        .withLivenessProbe(probe("/livez", 10, 3))
        .withSecurityContext(Hardening.container())
        .withVolumeMounts(
            Volumes.runMount("package"),
            Volumes.mount("app", Volumes.APP_PATH),
            Volumes.mount("tmp", "/tmp"))
        .build();
  }

  private static Map<String, String> contract(AppPlan plan, Group group) {
    var variables = new LinkedHashMap<String, String>();
    variables.put("FUNCAPP_REVISION", plan.revision().name());
    variables.put("FUNCAPP_GROUP", group.name());
    variables.put("FUNCAPP_FUNCTIONS", String.join(",", group.functions()));
    variables.put("FUNCAPP_PACKAGE_FILE", Volumes.runPath("package", PACKAGE_FILE));
    variables.put("FUNCAPP_HTTP_PORT", "" + HTTP_PORT);
    variables.put("FUNCAPP_MANAGEMENT_PORT", "" + MANAGEMENT_PORT);
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
