package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.plan.Group;
import dev.functionapp.operator.resources.Labels;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import sh.keda.v1alpha1.ScaledObject;

/**
 * Applies a scale group's Deployment without ever taking part in a war over {@code replicas}.
 * Server-side apply resets a field that nobody owns to its default, which is 1; so before the
 * operator leaves the field out, a second field manager takes it over with the value that is there.
 */
final class DeploymentApplier {

  static final String REPLICAS_MANAGER = Labels.OPERATOR + "-replicas";

  /** Whoever does not let go of what scales a group in that time does not scale it either. */
  private static final Duration LETTING_GO = Duration.ofSeconds(30);

  private final Applier applier;
  private final LiveObjects live;
  private final KubernetesClient client;
  private final WriteLog writes;
  private final Clock clock;
  private boolean stopping;

  DeploymentApplier(
      Applier applier, LiveObjects live, KubernetesClient client, WriteLog writes, Clock clock) {
    this.applier = applier;
    this.live = live;
    this.client = client;
    this.writes = writes;
    this.clock = clock;
  }

  /** When to look again, where a group could not be stopped yet. */
  Optional<Duration> again() {
    return stopping ? Optional.of(LETTING_GO) : Optional.empty();
  }

  void apply(Deployment desired, Group.Scale scale) {
    var current = live.find(Deployment.class, desired.getMetadata().getName());
    switch (scale) {
      case Group.Fixed(var replicas) -> applier.apply(withReplicas(desired, replicas));
      case Group.Stopped() -> stop(desired, current);
      case Group.Unscaled unscaled ->
          applier.apply(unscaled(desired, current, unscaled.minReplicas()));
      case Group.Scaled scaled -> applyScaled(desired, current, scaled.minReplicas());
    }
  }

  private void applyScaled(Deployment desired, Optional<Deployment> current, int minReplicas) {
    // One that was stopped begins at its minimum, too: an autoscaler leaves 0 alone.
    var there =
        current
            .filter(found -> !isBelow(found, minReplicas) || !ownsReplicas(found))
            .or(() -> applier.apply(withReplicas(desired, minReplicas)));
    if (there.isEmpty()) {
      return;
    }
    if (ownsReplicas(there.get())) {
      handOver(there.get());
    }
    applier.apply(desired);
  }

  /**
   * First what scales the group goes, then its replicas: otherwise something may add replicas
   * again.
   */
  private void stop(Deployment desired, Optional<Deployment> current) {
    var scaledObject = live.find(ScaledObject.class, desired.getMetadata().getName());
    scaledObject.ifPresent(applier::delete);
    if (current.isEmpty() || scaledObject.filter(this::mayScale).isEmpty()) {
      applier.apply(withReplicas(desired, 0));
      return;
    }
    stopping = true;
    applier.apply(
        ownsReplicas(current.get())
            ? withReplicas(desired, current.get().getSpec().getReplicas())
            : desired);
  }

  private boolean mayScale(ScaledObject object) {
    var deleted = object.getMetadata().getDeletionTimestamp();
    return deleted == null || Instant.parse(deleted).plus(LETTING_GO).isAfter(clock.instant());
  }

  private static boolean isBelow(Deployment deployment, int replicas) {
    return deployment.getSpec().getReplicas() < replicas;
  }

  /**
   * Keeps what is there, unless that is less than the minimum, or was chosen under another minimum
   * than today's.
   */
  private static Deployment unscaled(
      Deployment desired, Optional<Deployment> current, int minReplicas) {
    int replicas =
        current
            .filter(there -> isChosenUnder(there, minReplicas))
            .map(there -> there.getSpec().getReplicas())
            .map(there -> Math.max(there, minReplicas))
            .orElse(minReplicas);
    return new DeploymentBuilder(withReplicas(desired, replicas))
        .editMetadata()
        .addToAnnotations(Labels.MIN_REPLICAS, "" + minReplicas)
        .endMetadata()
        .build();
  }

  private static boolean isChosenUnder(Deployment deployment, int minReplicas) {
    var annotations = deployment.getMetadata().getAnnotations();
    return annotations.getOrDefault(Labels.MIN_REPLICAS, "" + minReplicas).equals("" + minReplicas);
  }

  private static Deployment withReplicas(Deployment desired, int replicas) {
    return new DeploymentBuilder(desired).editSpec().withReplicas(replicas).endSpec().build();
  }

  private static boolean ownsReplicas(Deployment deployment) {
    return deployment.getMetadata().getManagedFields().stream()
        .filter(entry -> Labels.OPERATOR.equals(entry.getManager()))
        .filter(entry -> "Apply".equals(entry.getOperation()))
        .map(entry -> entry.getFieldsV1().getAdditionalProperties().get("f:spec"))
        .anyMatch(spec -> spec instanceof Map<?, ?> fields && fields.containsKey("f:replicas"));
  }

  private void handOver(Deployment deployment) {
    var replicas =
        new DeploymentBuilder()
            .withNewMetadata()
            .withNamespace(deployment.getMetadata().getNamespace())
            .withName(deployment.getMetadata().getName())
            .endMetadata()
            .withNewSpec()
            .withReplicas(deployment.getSpec().getReplicas())
            .endSpec()
            .build();
    writes.tell("hand over", replicas);
    try {
      client.resource(replicas).fieldManager(REPLICAS_MANAGER).serverSideApply();
    } catch (KubernetesClientException e) {
      // A conflict means that the field has got another owner with another value meanwhile: it is
      // in good hands.
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
    }
  }
}
