package dev.functionapp.operator.plan;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What verification found in a revision. It was written where the tenant's code runs, so its texts
 * are untrusted.
 *
 * @param packageDigest empty where an image holds the app
 * @param functionTimeoutSeconds empty means no limit
 * @param routePrefix the first segments of every HTTP function's path; may be empty
 * @param queueConcurrency messages that one replica works on at a time
 */
public record Index(
    Optional<PackageDigest> packageDigest,
    OptionalLong functionTimeoutSeconds,
    String routePrefix,
    int queueConcurrency,
    List<Function> functions) {

  /** Identifies the package blob's content; {@code size} in bytes. */
  public record PackageDigest(String sha256, long size) {}

  /** One function; a function with an error has no trigger. */
  public record Function(
      String name, boolean disabled, Optional<Trigger> trigger, Optional<FunctionError> error) {}

  /** Why a function does not load. */
  public record FunctionError(String reason, String message) {}
}
