package dev.functionapp.operator.resources;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.PastRevision;
import dev.functionapp.operator.plan.Reason;
import dev.functionapp.operator.plan.StoredRevision;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.ControllerRevisionBuilder;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The history of an app: an object for each revision that was rolled out. What it takes to apply it
 * again is its data, which never changes; what became of it is in annotations.
 */
public final class ControllerRevisions {

  private static final ObjectMapper MAPPER = JsonMapper.builder().build();
  private static final String DIGEST = "digest";

  private ControllerRevisions() {}

  /** The object for a revision that is rolled out for the first time. */
  public static ControllerRevision of(AppId app, StoredRevision stored, PastRevision past) {
    var data = StoredRevisions.toJson(stored);
    past.digest().ifPresent(digest -> data.put(DIGEST, digest));
    return new ControllerRevisionBuilder()
        .withMetadata(
            // Each life of an app's name has a history of its own.
            ObjectMetadata.of(
                    app, "revision/" + app.uid() + "/" + past.name(), Labels.Component.REVISION)
                .addToLabels(Labels.REVISION, past.name())
                .addToAnnotations(annotations(past))
                .build())
        .withData(data)
        .withRevision(past.number())
        .build();
  }

  private static Map<String, String> annotations(PastRevision past) {
    var annotations = state(past);
    annotations.values().removeIf(Objects::isNull);
    return annotations;
  }

  /**
   * The annotations that say what became of a revision.
   *
   * @return text by annotation; null where it has to go
   */
  public static Map<String, String> state(PastRevision past) {
    var state = new LinkedHashMap<String, String>();
    state.put(Labels.APPLIED_AT, past.appliedAt().toString());
    state.put(Labels.READY_AT, past.readyAt().map(Instant::toString).orElse(null));
    state.put(
        Labels.PROVEN_GROUPS,
        past.provenGroups().isEmpty() ? null : String.join(",", past.provenGroups()));
    var failure = past.failure();
    state.put(Labels.FAILED_REASON, failure.map(why -> why.reason().name()).orElse(null));
    state.put(Labels.FAILED_MESSAGE, failure.map(PastRevision.Failure::message).orElse(null));
    state.put(Labels.FAILED_ATTEMPT, failure.map(PastRevision.Failure::attempt).orElse(null));
    return state;
  }

  /** What became of the revision that an object holds. */
  public static PastRevision past(ControllerRevision object) {
    var stored = stored(object).revision();
    var annotations = Optional.ofNullable(object.getMetadata().getAnnotations()).orElseGet(Map::of);
    return new PastRevision(
        stored.name(),
        Optional.ofNullable(object.getRevision()).orElse(0L),
        stored.source(),
        stored.packageKey(),
        Optional.ofNullable(MAPPER.valueToTree(object.getData()).path(DIGEST).textValue()),
        instant(annotations, Labels.APPLIED_AT).orElse(Instant.EPOCH),
        instant(annotations, Labels.READY_AT),
        Collections.unmodifiableSortedSet(
            new TreeSet<>(
                Optional.ofNullable(annotations.get(Labels.PROVEN_GROUPS))
                    .map(groups -> List.of(groups.split(",")))
                    .orElse(List.of()))),
        failure(annotations));
  }

  /** What it takes to apply the revision again that an object holds. */
  public static StoredRevision stored(ControllerRevision object) {
    return StoredRevisions.fromJson(MAPPER.valueToTree(object.getData()));
  }

  private static Optional<PastRevision.Failure> failure(Map<String, String> annotations) {
    return Optional.ofNullable(annotations.get(Labels.FAILED_REASON))
        .map(reason ->
            new PastRevision.Failure(
                Arrays.stream(Reason.values())
                    .filter(known -> known.name().equals(reason))
                    .findFirst()
                    .orElse(Reason.ProgressDeadlineExceeded),
                annotations.getOrDefault(Labels.FAILED_MESSAGE, ""),
                annotations.getOrDefault(Labels.FAILED_ATTEMPT, "")));
  }

  private static Optional<Instant> instant(Map<String, String> annotations, String name) {
    try {
      return Optional.ofNullable(annotations.get(name)).map(Instant::parse);
    } catch (DateTimeParseException e) {
      // Someone else has written it.
      return Optional.empty();
    }
  }
}
