package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.resources.Labels;
import dev.functionapp.v1alpha1.FunctionApp;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.SSABasedGenericKubernetesResourceMatcher;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes an app's objects, each in the same way: absent → created; different → server-side applied;
 * as wanted → left alone; someone else's → reported and left alone.
 */
final class Applier {

  private final AppId app;
  private final LiveObjects live;
  private final Context<FunctionApp> context;
  private final WriteLog writes;
  private final List<String> conflicts = new ArrayList<>();
  private Optional<String> refusal = Optional.empty();

  Applier(AppId app, LiveObjects live, Context<FunctionApp> context, WriteLog writes) {
    this.app = app;
    this.live = live;
    this.context = context;
    this.writes = writes;
  }

  /**
   * Makes an object as wanted.
   *
   * @return the object as it is now, or empty where its name is taken by an object that is not the
   *     app's
   */
  <T extends HasMetadata> Optional<T> apply(T desired) {
    @SuppressWarnings("unchecked")
    var kind = (Class<T>) desired.getClass();
    var current = live.find(kind, desired.getMetadata().getName());
    if (current.isPresent() && matches(current.get(), desired)) {
      return current;
    }
    if (current.isEmpty() && isTaken(desired)) {
      return Optional.empty();
    }
    writes.tell(current.isPresent() ? "update" : "create", desired);
    var written =
        context
            .getClient()
            .resource(desired)
            .fieldManager(Labels.OPERATOR)
            .forceConflicts()
            .serverSideApply();
    live.written(written);
    return Optional.of(written);
  }

  /**
   * As {@link #apply}, for an object without which the app runs, too: that the API server refuses
   * it keeps nothing else from being applied.
   */
  void applyIfAccepted(HasMetadata desired) {
    try {
      apply(desired);
    } catch (KubernetesClientException e) {
      if (e.getStatus() == null) {
        throw e;
      }
      refusal = Optional.ofNullable(e.getStatus().getMessage()).or(() -> Optional.of("no reason"));
    }
  }

  /**
   * Makes an object where there is none of its name. One of the app's that is there is left as it
   * is: the caches may not show yet what an earlier pass has made.
   */
  void create(HasMetadata desired) {
    try {
      var written = context.getClient().resource(desired).create();
      writes.tell("create", desired);
      live.written(written);
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
      isTaken(desired);
    }
  }

  /**
   * Deletes exactly this object, not one that has taken its name since, and lets its own objects go
   * after it.
   */
  void delete(HasMetadata object) {
    if (object.getMetadata().getDeletionTimestamp() != null) {
      return;
    }
    writes.tell("delete", object);
    var options =
        new DeleteOptionsBuilder()
            .withPropagationPolicy("Background")
            .withNewPreconditions()
            .withUid(object.getMetadata().getUid())
            .endPreconditions()
            .build();
    try {
      context.getClient().raw(path(object), "DELETE", options);
    } catch (KubernetesClientException e) {
      // Gone already, or followed by another object of its name.
      if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND
          && e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
    }
    live.deleted(object);
  }

  private static String path(HasMetadata object) {
    return "%s/%s/namespaces/%s/%s/%s"
        .formatted(
            object.getApiVersion().contains("/") ? "/apis" : "/api",
            object.getApiVersion(),
            object.getMetadata().getNamespace(),
            object.getPlural(),
            object.getMetadata().getName());
  }

  /** Why the API server has refused what the app can be without, for people. */
  Optional<String> refusal() {
    return refusal;
  }

  /** Objects of others that have a name which the app needs, for people. */
  List<String> conflicts() {
    return List.copyOf(conflicts);
  }

  private <T extends HasMetadata> boolean matches(T current, T desired) {
    try {
      return SSABasedGenericKubernetesResourceMatcher.<T>getInstance()
          .matches(current, desired, context);
    } catch (IllegalStateException e) {
      // The matcher gives up where a list entry that it looks for is gone: then it does not match.
      return false;
    }
  }

  private boolean isTaken(HasMetadata desired) {
    var found = context.getClient().resource(desired).get();
    if (found == null || LiveObjects.isOwnedBy(app, found)) {
      return false;
    }
    conflicts.add(
        "there is a %s \"%s\" already that does not belong to this app; rename or delete it, or rename the app"
            .formatted(desired.getKind(), desired.getMetadata().getName()));
    return true;
  }
}
