package dev.functionapp.e2e.app;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;
import java.util.Objects;

/** The status of a FunctionApp, as far as it is looked at here. Lists are empty and texts null where the status has none. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Status(
    Long observedGeneration,
    String url,
    String latestCreatedRevision,
    String latestReadyRevision,
    String lastHandledReconcileAt,
    Source source,
    List<Revision> revisions,
    List<Condition> conditions,
    List<Function> functions,
    List<Group> groups) {

  public Status {
    source = Objects.requireNonNullElse(source, new Source(null, null));
    revisions = Objects.requireNonNullElse(revisions, List.of());
    conditions = Objects.requireNonNullElse(conditions, List.of());
    functions = Objects.requireNonNullElse(functions, List.of());
    groups = Objects.requireNonNullElse(groups, List.of());
  }

  /** Which source was tried and which is running. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Source(String lastAttempted, String lastApplied) {}

  /** A revision that can be returned to. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Revision(String name, String digest, String readyAt, Boolean active, String reason) {}

  /** What is known of one aspect of an app. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Condition(String type, String status, String reason, String message, Long observedGeneration) {

    private static Condition unknown(String type) {
      return new Condition(type, "Unknown", "", "", 0L);
    }

    public boolean isTrue() {
      return status.equals("True");
    }

    public boolean isFalse() {
      return status.equals("False");
    }
  }

  /** A function that was found. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Function(
      String name, String trigger, String target, String group, String url, Boolean ready, String reason, String message) {}

  /** A scale group and its Deployment. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Group(
      String name,
      String deployment,
      Integer replicas,
      Integer readyReplicas,
      Integer minReplicas,
      Integer maxReplicas,
      String reason,
      String message) {}

  /** The condition of a type; one with status Unknown while there is none. */
  public Condition condition(String type) {
    return conditions.stream()
        .filter(condition -> condition.type().equals(type))
        .findFirst()
        .orElseGet(() -> Condition.unknown(type));
  }

  /** The function of a name. */
  public Function function(String name) {
    return functions.stream()
        .filter(function -> function.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("status.functions has no " + name + ": " + functions));
  }

  /** The group of a name. */
  public Group group(String name) {
    return groups.stream()
        .filter(group -> group.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("status.groups has no " + name + ": " + groups));
  }
}
