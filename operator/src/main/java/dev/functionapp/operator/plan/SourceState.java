package dev.functionapp.operator.plan;

import java.util.Optional;

/**
 * What an app's status keeps of its source from one pass to the next.
 *
 * @param resolved the commit that was last found, where the source names a branch or tag
 * @param handledReconcileAt the value of {@code functionapp.dev/reconcile-at} that was last acted
 *     upon
 */
public record SourceState(Optional<ResolvedSource> resolved, Optional<String> handledReconcileAt) {

  /** Of an app that nothing has been done for yet. */
  public static final SourceState NONE = new SourceState(Optional.empty(), Optional.empty());

  /** The commit that was found for a source, if it still stands for what that asks for. */
  public Optional<ResolvedSource> resolved(Source.Git source) {
    return resolved.filter(found -> source.request().equals(Optional.of(found.request())));
  }
}
