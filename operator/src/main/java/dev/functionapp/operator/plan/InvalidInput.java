package dev.functionapp.operator.plan;

/** Ends a resolution: the user has to mend something. Never leaves this package. */
final class InvalidInput extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final Reason reason;

  InvalidInput(Reason reason, String message) {
    super(message, null, false, false);
    this.reason = reason;
  }

  Reason reason() {
    return reason;
  }
}
