package dev.functionapp.operator.plan;

import java.util.stream.Collectors;

/** Functions that a revision would break. */
public final class Regressions {

  private Regressions() {}

  /**
   * The functions that load in the revision that serves and do not in the one that is asked for,
   * each with the reason, for people; empty text where there are none. A function that the app no
   * longer declares is none, nor is one that the spec disables.
   */
  public static String of(Index serving, Index asked, Arrangement arrangement) {
    var loaded =
        serving.functions().stream()
            .filter(function -> function.error().isEmpty() && !function.disabled())
            .map(Index.Function::name)
            .collect(Collectors.toSet());
    return asked.functions().stream()
        .filter(function -> !function.disabled() && !arrangement.disables(function.name()))
        .filter(function -> loaded.contains(function.name()))
        .flatMap(function ->
            function.error().map(error -> function.name() + ": " + error.message()).stream())
        .sorted()
        .collect(Collectors.joining("; "));
  }
}
