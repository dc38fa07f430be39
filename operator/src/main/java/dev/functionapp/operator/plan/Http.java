package dev.functionapp.operator.plan;

import java.util.List;
import java.util.Optional;

/**
 * Who may call the app's HTTP functions, and from where.
 *
 * @param cors empty leaves it to the app and its settings
 * @param keysSecret the Secret that holds the function keys; empty means one that is made for the
 *     app
 * @param exposure empty leaves the app to callers inside the cluster
 */
public record Http(Optional<Cors> cors, Optional<String> keysSecret, Optional<Exposure> exposure) {

  /**
   * Which web pages may call the app from a browser.
   *
   * @param allowedOrigins each {@code scheme://host[:port]}, or {@code *} for any
   * @param supportCredentials whether browsers may send cookies along
   */
  public record Cors(List<String> allowedOrigins, boolean supportCredentials) {}
}
