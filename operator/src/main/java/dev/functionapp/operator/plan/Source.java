package dev.functionapp.operator.plan;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** Where the app's files come from. */
public sealed interface Source {

  /** The Secret that opens it; the operator never reads that. */
  default Optional<String> secret() {
    return Optional.empty();
  }

  /** Secrets by which the kubelet may pull the image that holds the app. */
  default List<String> pullSecrets() {
    return List.of();
  }

  /**
   * Files in the FunctionApp itself.
   *
   * @param files text by path
   */
  record Inline(SortedMap<String, String> files) implements Source {}

  /**
   * Files in a ConfigMap of the app's namespace.
   *
   * @param items which keys to take; empty means every key, as a file in the app's root
   */
  record FromConfigMap(String name, List<Item> items) implements Source {}

  /** One key of a ConfigMap and the path its content gets in the app. */
  record Item(String key, String path) {}

  /**
   * A repository of Git.
   *
   * @param path the folder that holds the app; empty text for the root
   * @param interval how often a branch or tag is looked up; empty means only when asked to
   */
  record Git(
      String url, GitRef ref, String path, Optional<String> secret, Optional<Duration> interval)
      implements Source {

    /**
     * Names what has to be looked up before it is known which commit is meant; empty where that
     * stands in the spec.
     */
    public Optional<String> request() {
      return switch (ref) {
        case GitRef.Commit commit -> Optional.empty();
        case GitRef.Branch(var name) -> Optional.of(request("branch", name));
        case GitRef.Tag(var name) -> Optional.of(request("tag", name));
      };
    }

    private String request(String kind, String name) {
      return Digests.shortDigest(Map.of("url", url, kind, name, "secret", secret.orElse("")));
    }
  }

  /**
   * A zip on a web server.
   *
   * @param sha256 64 hexadecimal digits
   */
  record Archive(String url, String sha256, Optional<String> secret) implements Source {}

  /**
   * An artifact in a registry.
   *
   * @param url {@code oci://} registry and repository
   * @param digest of the manifest, with its algorithm
   */
  record Oci(String url, String digest, Optional<String> secret) implements Source {}

  /** A container image that holds the app and the worker. */
  record Image(String name, List<String> pullSecrets) implements Source {}
}
