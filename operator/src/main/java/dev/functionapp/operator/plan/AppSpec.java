package dev.functionapp.operator.plan;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What the user asks for: the spec of a FunctionApp with its defaults filled in and its
 * alternatives as types.
 *
 * @param image a worker image that replaces the one on offer for {@code pythonVersion}
 * @param settings app settings by name
 * @param settingsFrom sources of further settings, lowest precedence first
 * @param env single environment variables; they win over all settings
 * @param scaling of groups that say nothing else
 * @param reconcileAt asks, with another value, to look everything up anew and to begin anew what
 *     ended with a mistake
 */
public record AppSpec(
    AppId id,
    String pythonVersion,
    Optional<String> image,
    Source source,
    Build build,
    SortedMap<String, String> settings,
    List<SettingsSource> settingsFrom,
    List<EnvVariable> env,
    WorkerProcesses workers,
    ComputeResources resources,
    Scaling scaling,
    Arrangement arrangement,
    Http http,
    Rollout rollout,
    Optional<String> reconcileAt) {

  /** Names this try of what is asked for: what has failed is tried again when this changes. */
  public String attempt() {
    return rollout.attempt(reconcileAt);
  }
}
