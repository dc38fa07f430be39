package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.plan.AppPlan;
import dev.functionapp.operator.plan.History;
import dev.functionapp.operator.plan.Index;
import dev.functionapp.operator.plan.PastRevision;
import dev.functionapp.operator.plan.Plan;
import dev.functionapp.operator.plan.Reason;
import dev.functionapp.operator.plan.Revision;
import dev.functionapp.operator.status.Finding;
import java.util.Optional;
import java.util.stream.Collectors;

/** The revision that a spec pins. */
sealed interface PinnedRevision {

  /** It can run. */
  record Found(AppPlan plan, Index index, String prepared) implements PinnedRevision {}

  /** It cannot run. */
  record NotFound(Outcome outcome) implements PinnedRevision {}

  /** Looks it up in the history and in the package store. */
  static PinnedRevision find(String pin, RevisionStore revisions, PastPlans plans) {
    var stored = revisions.stored(pin);
    if (stored.isEmpty()) {
      return notFound(Optional.empty(), unknown(pin, revisions.history()));
    }
    var revision = stored.get().revision();
    var index = plans.index(pin);
    if (index.isEmpty()) {
      return notFound(
          Optional.of(revision),
          "spec.rollout.pin: the package of revision \"%s\" is not in the package store any more; remove the pin to have it built"
              .formatted(pin));
    }
    var prepared = "revision " + pin + " was built and verified before";
    return switch (plans.plan(stored.get(), index.get())) {
      case Plan.Rejected(var reason, var message, var functions) ->
          new NotFound(
              Outcome.rejected(revision, functions, prepared, Finding.stuck(reason, message)));
      case Plan.Planned(var plan) -> new Found(plan, index.get(), prepared);
    };
  }

  private static NotFound notFound(Optional<Revision> revision, String message) {
    return new NotFound(
        Outcome.unprepared(revision, Finding.stuck(Reason.PinNotFound, message), Optional.empty()));
  }

  private static String unknown(String pin, History history) {
    var names =
        history.newestFirst().stream().map(PastRevision::name).collect(Collectors.joining(", "));
    return "spec.rollout.pin: there is no revision \"%s\"; %s"
        .formatted(
            pin,
            names.isEmpty()
                ? "none has been rolled out yet: remove the pin"
                : "name one of " + names + ", or remove the pin");
  }
}
