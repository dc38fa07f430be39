package dev.functionapp.operator.plan;

import java.util.List;

/** What is to be done for a revision whose index is known. */
public sealed interface Plan {

  record Planned(AppPlan plan) implements Plan {}

  /** Nothing of the revision can run; {@code message} says what the user has to mend. */
  record Rejected(Reason reason, String message, List<PlannedFunction> functions) implements Plan {}
}
