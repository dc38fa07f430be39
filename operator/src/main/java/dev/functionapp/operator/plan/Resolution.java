package dev.functionapp.operator.plan;

/** Whether a spec and what it names make a revision. */
public sealed interface Resolution {

  record Resolved(Revision revision) implements Resolution {}

  /** It has to be looked up first which commit is meant. */
  record ToResolve() implements Resolution {}

  /**
   * The user has to mend something; {@code message} holds the path, the value, the rule and the
   * mend.
   */
  record Rejected(Reason reason, String message) implements Resolution {}
}
