package dev.functionapp.operator.packages;

import java.time.Duration;
import java.time.Instant;

/**
 * When a grant ends. Within one half-life every grant ends at the same moment, so the same grant is
 * the same text: nothing has to be remembered to know whether one has to be renewed.
 */
final class SasWindow {

  static final Duration HALF_LIFE = Duration.ofHours(6);

  private SasWindow() {}

  /** The first multiple of the half-life that is at least one half-life ahead. */
  static Instant expiry(Instant now) {
    long halfLife = HALF_LIFE.toSeconds();
    long earliest = now.plus(HALF_LIFE).minusNanos(1).getEpochSecond();
    return Instant.ofEpochSecond((Math.floorDiv(earliest, halfLife) + 1) * halfLife);
  }
}
