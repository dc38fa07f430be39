package dev.functionapp.operator.plan;

import java.util.List;
import java.util.SortedMap;

/**
 * What it takes to apply a revision again when the spec asks for another one: its part of the spec,
 * and what that was resolved to. Of Secrets it has the names alone.
 *
 * @param revision without what it is built from: it is never built again
 * @param pullSecrets Secrets by which the kubelet may pull the image that holds the app
 */
public record StoredRevision(
    Revision revision,
    String pythonVersion,
    SortedMap<String, String> settings,
    List<SettingsSource> settingsFrom,
    List<EnvVariable> env,
    WorkerProcesses workers,
    ComputeResources resources,
    List<String> pullSecrets) {

  public static StoredRevision of(AppSpec spec, Revision revision) {
    return new StoredRevision(
        revision,
        spec.pythonVersion(),
        spec.settings(),
        spec.settingsFrom(),
        spec.env(),
        spec.workers(),
        spec.resources(),
        spec.source().pullSecrets());
  }

  /** The spec of this revision, with all that is not part of a revision as it is today. */
  public AppSpec under(AppSpec today) {
    return new AppSpec(
        today.id(),
        pythonVersion,
        today.image(),
        revision.hasPackage() ? today.source() : new Source.Image(revision.image(), pullSecrets),
        today.build(),
        settings,
        settingsFrom,
        env,
        workers,
        resources,
        today.scaling(),
        today.arrangement(),
        today.http(),
        today.rollout(),
        today.reconcileAt());
  }
}
