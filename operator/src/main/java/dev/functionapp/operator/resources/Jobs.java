package dev.functionapp.operator.resources;

import dev.functionapp.operator.plan.AppId;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicy;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyBuilder;

/** What all Jobs of an app have in common. */
public final class Jobs {

  /** How a step ends that found a mistake in the app: trying again would not help. */
  public static final int MISTAKE_EXIT_CODE = 10;

  /** How often the cluster itself tries again what failed for another reason. */
  static final int RETRIES = 3;

  private Jobs() {}

  /** A mistake ends the Job at once; a pod that a node loses does not count. */
  static PodFailurePolicy failurePolicy() {
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

  static PodSpecBuilder pod(AppId app) {
    return new PodSpecBuilder()
        .withRestartPolicy("Never")
        .withServiceAccountName(ServiceAccounts.name(app))
        .withAutomountServiceAccountToken(false)
        .withEnableServiceLinks(false)
        .withSecurityContext(Hardening.pod());
  }

  /**
   * One step.
   *
   * @param name of the container, and of the step in {@code funcapp prepare}
   */
  static ContainerBuilder step(String name, String image, String imagePullPolicy) {
    return new ContainerBuilder()
        .withName(name)
        .withImage(image)
        .withImagePullPolicy(imagePullPolicy)
        .withCommand("funcapp", "prepare", name)
        .withSecurityContext(Hardening.container());
  }

  static EnvVar variable(String name, String value) {
    return new EnvVarBuilder().withName(name).withValue(value).build();
  }
}
