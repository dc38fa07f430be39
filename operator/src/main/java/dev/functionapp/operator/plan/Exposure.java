package dev.functionapp.operator.plan;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;

/**
 * How an app's HTTP functions are reached from outside the cluster.
 *
 * @param hostnames DNS names in lower case, the most important first; {@code *.} at the beginning
 *     of one stands for any label
 * @param by what brings requests to the app
 * @param tls empty where callers use plain HTTP
 * @param annotations of the object that asks for it
 */
public record Exposure(
    List<String> hostnames, By by, Optional<Tls> tls, SortedMap<String, String> annotations) {

  private static final String WILDCARD = "*.";

  /** What brings requests to the app. */
  public sealed interface By {}

  /**
   * An Ingress controller.
   *
   * @param className which one; empty leaves it to the cluster's default
   */
  public record ByIngress(Optional<String> className) implements By {}

  /** Gateways of the Gateway API. */
  public record ByGateway(List<ParentRef> parents) implements By {}

  /**
   * A Gateway, or one of its listeners. The Gateway decides whom it admits, so it may be in any
   * namespace.
   *
   * @param namespace empty means the app's own
   */
  public record ParentRef(
      String name, Optional<String> namespace, Optional<String> sectionName, OptionalInt port) {}

  /**
   * That callers use HTTPS.
   *
   * @param secretName the Secret with the certificate; empty leaves it to the controller or the
   *     Gateway
   */
  public record Tls(Optional<String> secretName) {}

  /** Where callers reach the app, without a path; empty where every hostname has a wildcard. */
  public Optional<String> url() {
    var scheme = tls.isPresent() ? "https://" : "http://";
    return hostnames.stream()
        .filter(hostname -> !hostname.startsWith(WILDCARD))
        .findFirst()
        .map(scheme::concat);
  }
}
