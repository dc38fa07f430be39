package dev.functionapp.operator.it;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Loopback addresses. Nobody else listens at one, or connects from it, so servers can have the port
 * that they want, and have it again when they come back.
 */
final class Loopback {

  private Loopback() {}

  /** An address of which another test, or another run on this machine, knows nothing. */
  static String address() {
    var random = ThreadLocalRandom.current();
    return "127.%d.%d.%d"
        .formatted(random.nextInt(1, 255), random.nextInt(1, 255), random.nextInt(1, 255));
  }
}
