package dev.functionapp.operator.reconciler;

import dev.functionapp.v1alpha1.FunctionAppStatus;

/**
 * Ends a pass that is worth trying again with growing pauses, and carries the status that it has
 * come to.
 */
final class RetryWithStatus extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient FunctionAppStatus status;

  RetryWithStatus(FunctionAppStatus status, RuntimeException cause) {
    super(cause.getMessage(), cause);
    this.status = status;
  }

  FunctionAppStatus status() {
    return status;
  }
}
