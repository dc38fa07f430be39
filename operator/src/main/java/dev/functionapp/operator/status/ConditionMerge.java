package dev.functionapp.operator.status;

import dev.functionapp.operator.plan.Reason;
import dev.functionapp.v1alpha1.FunctionAppStatus;
import dev.functionapp.v1alpha1.functionappstatus.Conditions;
import dev.functionapp.v1alpha1.functionappstatus.Conditions.Status;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.stream.Stream;

/**
 * The conditions of an app. {@code Reconciling} and {@code Stalled} mean what kstatus says they do.
 *
 * @see <a
 *     href="https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md">kstatus</a>
 */
public final class ConditionMerge {

  public static final String READY = "Ready";

  private static final String SCALING_READY = "ScalingReady";

  private static final String SUSPENDED = "Suspended";

  private static final int MAX_MESSAGE = 32_768;

  private static final Comparator<Conditions> BY_TYPE = Comparator.comparing(Conditions::getType);

  private final Clock clock;

  public ConditionMerge(Clock clock) {
    this.clock = clock;
  }

  /**
   * The conditions that say what was found, sorted by type.
   *
   * @param previous the conditions so far; the time of the last transition is kept where the status
   *     is
   */
  List<Conditions> of(Findings findings, long generation, List<Conditions> previous) {
    var ready = ready(findings);
    var conditions = new ArrayList<Conditions>();
    conditions.add(condition(READY, ready));
    conditions.add(condition("PackageReady", findings.preparation()));
    conditions.add(condition("FunctionsLoaded", findings.functions()));
    conditions.add(condition("Available", findings.availability()));
    conditions.add(condition(SCALING_READY, findings.scaling()));
    findings.exposure().ifPresent(exposure -> conditions.add(condition("Exposed", exposure)));
    conditions.add(flag("Reconciling", ready, Finding.Verdict.GOES_ON, Reason.NotProgressing));
    conditions.add(flag("Stalled", ready, Finding.Verdict.STUCK, Reason.NotStalled));
    return finish(conditions, generation, previous);
  }

  /** The conditions so far, but for what says that an attempt to go on has failed. */
  List<Conditions> failed(Finding failure, long generation, List<Conditions> previous) {
    var renewed =
        finish(
            List.of(
                condition(READY, failure),
                flag("Reconciling", failure, Finding.Verdict.GOES_ON, Reason.NotProgressing),
                flag("Stalled", failure, Finding.Verdict.STUCK, Reason.NotStalled)),
            generation,
            previous);
    var conditions = new ArrayList<>(renewed);
    previous.stream()
        .filter(before -> find(renewed, before.getType()).isEmpty())
        .forEach(conditions::add);
    conditions.sort(BY_TYPE);
    return conditions;
  }

  /** The conditions so far, and that the app is left alone. */
  List<Conditions> suspended(long generation, List<Conditions> previous) {
    var suspended =
        finish(
            List.of(
                condition(
                    SUSPENDED,
                    Status.TRUE,
                    Reason.Suspended,
                    "spec.suspend is true: the operator leaves everything as it is, whatever the"
                        + " spec says")),
            generation,
            previous);
    return Stream.concat(
            previous.stream().filter(before -> !before.getType().equals(SUSPENDED)),
            suspended.stream())
        .sorted(BY_TYPE)
        .toList();
  }

  /** What the condition {@code Ready} says. */
  static Finding ready(Findings findings) {
    return findings.inOrder().stream()
        .filter(Finding::keepsFromReady)
        .findFirst()
        .orElseGet(() -> {
          var message = new StringJoiner("; ");
          message.add(
              findings
                  .pinned()
                  .map("revision %s runs, because spec.rollout.pin names it"::formatted)
                  .orElse("what is asked for is applied and able to run"));
          findings.notes().forEach(note -> message.add(note.message()));
          var reason =
              findings.availability().reason() == Reason.Stopped
                  ? Reason.Stopped
                  : findings.pinned().isPresent() ? Reason.Pinned : Reason.Ready;
          return Finding.ok(reason, message.toString());
        });
  }

  private static Conditions condition(String type, Finding finding) {
    var status =
        switch (finding.verdict()) {
          case OK -> Status.TRUE;
          case UNKNOWN -> Status.UNKNOWN;
          case NOTED, GOES_ON, STUCK -> Status.FALSE;
        };
    return condition(type, status, finding.reason(), finding.message());
  }

  private static Conditions flag(
      String type, Finding ready, Finding.Verdict raisedBy, Reason otherwise) {
    return ready.verdict() == raisedBy
        ? condition(type, Status.TRUE, ready.reason(), ready.message())
        : condition(type, Status.FALSE, otherwise, "");
  }

  private static Conditions condition(String type, Status status, Reason reason, String message) {
    var condition = new Conditions();
    condition.setType(type);
    condition.setStatus(status);
    condition.setReason(reason.name());
    condition.setMessage(
        message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE));
    return condition;
  }

  private List<Conditions> finish(
      List<Conditions> conditions, long generation, List<Conditions> previous) {
    for (var condition : conditions) {
      condition.setObservedGeneration(generation);
      condition.setLastTransitionTime(lastTransition(condition, previous));
    }
    return conditions.stream().sorted(BY_TYPE).toList();
  }

  private ZonedDateTime lastTransition(Conditions condition, List<Conditions> previous) {
    return find(previous, condition.getType())
        .filter(before -> before.getStatus() == condition.getStatus())
        .map(Conditions::getLastTransitionTime)
        .orElseGet(() -> clock.instant().truncatedTo(ChronoUnit.SECONDS).atZone(ZoneOffset.UTC));
  }

  /** What a status, which may be missing, says of how the app scales. */
  public static Optional<Conditions> scalingReady(FunctionAppStatus status) {
    return Optional.ofNullable(status)
        .map(FunctionAppStatus::getConditions)
        .flatMap(conditions -> find(conditions, SCALING_READY));
  }

  /** The condition of a type, if it is there. */
  public static Optional<Conditions> find(List<Conditions> conditions, String type) {
    return conditions.stream().filter(condition -> condition.getType().equals(type)).findFirst();
  }
}
