package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.plan.AppSpec;
import dev.functionapp.operator.plan.History;
import dev.functionapp.operator.plan.PastRevision;
import dev.functionapp.operator.plan.StoredRevision;
import dev.functionapp.operator.resources.ControllerRevisions;
import dev.functionapp.operator.resources.Labels;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** An app's history in the cluster, as a pass reads and writes it. */
final class RevisionStore {

  private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

  private final AppSpec spec;
  private final LiveObjects live;
  private final Applier applier;
  private final KubernetesClient client;
  private final WriteLog writes;
  private final BiConsumer<ControllerRevision, Optional<ControllerRevision>> recent;
  private final Map<String, ControllerRevision> objects = new HashMap<>();
  private History history;

  /**
   * @param recent is told what was written, and what was there before
   */
  RevisionStore(
      AppSpec spec,
      LiveObjects live,
      Applier applier,
      KubernetesClient client,
      WriteLog writes,
      BiConsumer<ControllerRevision, Optional<ControllerRevision>> recent) {
    this.spec = spec;
    this.live = live;
    this.applier = applier;
    this.client = client;
    this.writes = writes;
    this.recent = recent;
    live.all(ControllerRevision.class)
        .forEach(
            object -> objects.put(object.getMetadata().getLabels().get(Labels.REVISION), object));
    this.history = History.of(objects.values().stream().map(ControllerRevisions::past).toList());
  }

  History history() {
    return history;
  }

  /** What it takes to apply a revision of the history again. */
  Optional<StoredRevision> stored(String name) {
    return Optional.ofNullable(objects.get(name)).map(ControllerRevisions::stored);
  }

  /** Adds a revision that is rolled out for the first time. */
  void add(StoredRevision stored, PastRevision past) {
    var desired = ControllerRevisions.of(spec.id(), stored, past);
    writes.tell("create", desired);
    written(past, client.resource(desired).create(), Optional.empty());
  }

  /** Writes down what became of a revision, if that is new. */
  void update(PastRevision past) {
    if (history.find(past.name()).filter(past::equals).isPresent()) {
      return;
    }
    var before = objects.get(past.name());
    writes.tell("update", before);
    var patch =
        Map.of(
            "metadata", Map.of("annotations", ControllerRevisions.state(past)),
            "revision", past.number());
    var after =
        client.resource(before).patch(MERGE, client.getKubernetesSerialization().asJson(patch));
    written(past, after, Optional.of(before));
  }

  void delete(PastRevision past) {
    applier.delete(objects.remove(past.name()));
    history = history.without(past);
  }

  private void written(
      PastRevision past, ControllerRevision object, Optional<ControllerRevision> before) {
    recent.accept(object, before);
    live.written(object);
    objects.put(past.name(), object);
    history = history.with(past);
  }
}
