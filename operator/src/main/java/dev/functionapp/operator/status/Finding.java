package dev.functionapp.operator.status;

import dev.functionapp.operator.plan.Reason;

/**
 * What was found of one aspect of an app.
 *
 * @param message a sentence for people
 */
public record Finding(Verdict verdict, Reason reason, String message) {

  /** How an aspect stands, from good to bad. */
  public enum Verdict {
    OK,
    /** Not as asked for, but the app does what it is for. */
    NOTED,
    /** Not yet known. */
    UNKNOWN,
    /** Not yet as asked for; the operator goes on by itself. */
    GOES_ON,
    /** The user has to mend something. */
    STUCK
  }

  public static Finding ok(Reason reason, String message) {
    return new Finding(Verdict.OK, reason, message);
  }

  public static Finding noted(Reason reason, String message) {
    return new Finding(Verdict.NOTED, reason, message);
  }

  public static Finding unknown(Reason reason, String message) {
    return new Finding(Verdict.UNKNOWN, reason, message);
  }

  public static Finding goesOn(Reason reason, String message) {
    return new Finding(Verdict.GOES_ON, reason, message);
  }

  public static Finding stuck(Reason reason, String message) {
    return new Finding(Verdict.STUCK, reason, message);
  }

  public boolean isOk() {
    return verdict == Verdict.OK;
  }

  /** Whether it keeps the app from being Ready. */
  boolean keepsFromReady() {
    return verdict == Verdict.GOES_ON || verdict == Verdict.STUCK;
  }
}
