package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.resources.Labels;
import dev.functionapp.operator.scaling.GroupObjects;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.Collection;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Scale groups as the informers show them, which run on every replica of the operator. */
final class CachedGroups implements GroupObjects {

  private static final Logger log = LoggerFactory.getLogger(CachedGroups.class);

  /**
   * Owns the annotation with wake times and nothing else, so that applying the Deployment leaves it
   * alone.
   */
  static final String WAKE_MANAGER = Labels.OPERATOR + "-wake";

  private final Supplier<WatchedObjects> watched;
  private final BooleanSupplier filled;
  private final KubernetesClient client;
  private final WriteLog writes;

  /**
   * @param filled whether what is watched is known
   */
  CachedGroups(
      Supplier<WatchedObjects> watched,
      BooleanSupplier filled,
      KubernetesClient client,
      WriteLog writes) {
    this.watched = watched;
    this.filled = filled;
    this.client = client;
    this.writes = writes;
  }

  @Override
  public boolean isFilled() {
    return filled.getAsBoolean();
  }

  @Override
  public Optional<Deployment> deployment(String namespace, String name) {
    return watched.get().deployment(namespace, name);
  }

  @Override
  public Collection<Pod> pods(Deployment deployment) {
    return watched.get().podsOfGroup(deployment);
  }

  @Override
  public Optional<ReplicaSet> replicaSet(String namespace, String name) {
    return watched.get().replicaSet(namespace, name);
  }

  /**
   * Every replica may do so, each with what it saw: whoever saw an older Deployment must not take
   * back what another one has written, so the version is part of it.
   */
  @Override
  public void keepWakeTimes(Deployment deployment, String annotation) {
    var metadata = deployment.getMetadata();
    var patch =
        new DeploymentBuilder()
            .withNewMetadata()
            .withNamespace(metadata.getNamespace())
            .withName(metadata.getName())
            .withUid(metadata.getUid())
            .withResourceVersion(metadata.getResourceVersion())
            .addToAnnotations(Labels.WAKE, annotation)
            .endMetadata()
            .build();
    writes.tell("keep wake times", patch);
    try {
      client.resource(patch).fieldManager(WAKE_MANAGER).forceConflicts().serverSideApply();
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
      log.debug("{} has changed meanwhile; the next report says it again", metadata.getName());
    }
  }
}
