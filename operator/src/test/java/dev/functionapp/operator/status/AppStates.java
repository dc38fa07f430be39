package dev.functionapp.operator.status;

import java.util.stream.Stream;

/**
 * Every state that matters, of: package, functions, rollout, availability, scaling, pin, and
 * whether there is a good revision before the one that is asked for.
 */
final class AppStates {

  private AppStates() {}

  static Stream<AppState> all() {
    return Stream.concat(RolloutStates.all(), SteadyStates.all());
  }
}
