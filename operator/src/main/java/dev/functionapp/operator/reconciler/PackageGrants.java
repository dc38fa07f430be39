package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.packages.Grants;
import dev.functionapp.operator.packages.PackageStore;
import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.Index;
import dev.functionapp.operator.plan.Revision;
import dev.functionapp.operator.resources.Labels;
import dev.functionapp.operator.resources.Secrets;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Keeps an app's grants good: those of the revision that is asked for and of every one that still
 * has pods.
 */
final class PackageGrants {

  private final PackageStore store;
  private final Grants grants;
  private final SecretWriter secrets;

  PackageGrants(PackageStore store, SecretWriter secrets) {
    this.store = store;
    this.grants = new Grants(store);
    this.secrets = secrets;
  }

  /** Renews what running revisions need. */
  void renew(AppId app, LiveObjects live) {
    write(app, workerGrants(app, running(live)));
  }

  /** Also lets workers of this revision start. */
  void allowWorkers(AppId app, Revision revision, LiveObjects live) {
    var revisions = running(live);
    if (revision.hasPackage()) {
      revisions.put(revision.name(), revision.packageKey());
    }
    write(app, workerGrants(app, revisions));
  }

  /** Lets workers of one revision start while another one is being prepared. */
  void allowBoth(AppId app, Revision workers, Revision prepared, LiveObjects live) {
    var revisions = running(live);
    if (workers.hasPackage()) {
      revisions.put(workers.name(), workers.packageKey());
    }
    var entries = workerGrants(app, revisions);
    entries.put(Secrets.prepareGrantKey(prepared.name()), grants.prepare(app, prepared));
    write(app, entries);
  }

  /** Also lets this revision be prepared. */
  void allowPreparation(AppId app, Revision revision, LiveObjects live) {
    var entries = workerGrants(app, running(live));
    entries.put(Secrets.prepareGrantKey(revision.name()), grants.prepare(app, revision));
    write(app, entries);
  }

  private void write(AppId app, Map<String, String> entries) {
    if (!entries.isEmpty()) {
      secrets.write(Secrets.packageGrants(app, entries));
    }
  }

  private Map<String, String> workerGrants(AppId app, Map<String, String> packageKeys) {
    var entries = new TreeMap<String, String>();
    packageKeys.forEach((revision, packageKey) ->
        store
            .index(app, revision)
            .flatMap(Index::packageDigest)
            .ifPresent(digest ->
                entries.put(
                    Secrets.workerGrantKey(revision), grants.worker(app, packageKey, digest))));
    return entries;
  }

  /** Package key by revision. */
  private static Map<String, String> running(LiveObjects live) {
    var revisions = new HashMap<String, String>();
    Stream.concat(
            live.all(Deployment.class)
                .map(deployment -> deployment.getSpec().getTemplate().getMetadata()),
            live.workerPods().stream().map(pod -> pod.getMetadata()))
        .filter(PackageGrants::namesPackage)
        .forEach(metadata ->
            revisions.put(
                metadata.getLabels().get(Labels.REVISION),
                metadata.getAnnotations().get(Labels.PACKAGE_KEY)));
    return revisions;
  }

  private static boolean namesPackage(ObjectMeta metadata) {
    return metadata.getLabels().containsKey(Labels.REVISION)
        && metadata.getAnnotations().containsKey(Labels.PACKAGE_KEY);
  }
}
