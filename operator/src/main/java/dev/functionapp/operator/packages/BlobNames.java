package dev.functionapp.operator.packages;

import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.Digests;
import java.util.Optional;

/** Where things are in the package store. */
final class BlobNames {

  /** Of containers of packages and indexes, one for each namespace. */
  static final String NAMESPACE_PREFIX = "ns-";

  /** Of containers of cached dependencies, one for each namespace. */
  static final String DEPENDENCIES_PREFIX = "deps-";

  /** Metadata of a container: whose it is. */
  static final String NAMESPACE_METADATA = "namespace";

  private static final String PACKAGES = "packages/";
  private static final String REVISIONS = "revisions/";

  private BlobNames() {}

  /**
   * Hashed, because a namespace's name may be longer than a container's and hold what that may not.
   */
  static String container(String namespace) {
    return NAMESPACE_PREFIX + hash(namespace);
  }

  /** The container of a namespace's cache of dependencies. */
  static String dependencies(String namespace) {
    return DEPENDENCIES_PREFIX + hash(namespace);
  }

  static String packageBlob(AppId app, String packageKey) {
    return packages(app) + packageKey + ".zip";
  }

  static String indexBlob(AppId app, String revision) {
    return indexes(app) + revision + "/index.json";
  }

  /** What the names of an app's packages begin with. */
  static String packages(AppId app) {
    return PACKAGES + app.name() + "/";
  }

  /** What the names of an app's indexes begin with. */
  static String indexes(AppId app) {
    return REVISIONS + app.name() + "/";
  }

  /** The app that a blob belongs to. */
  static Optional<String> app(String blob) {
    var parts = blob.split("/", -1);
    return parts.length > 2 && (blob.startsWith(PACKAGES) || blob.startsWith(REVISIONS))
        ? Optional.of(parts[1])
        : Optional.empty();
  }

  /** The revision that an index is of, or the package key that a package has. */
  static String key(String blob) {
    var parts = blob.split("/", -1);
    return parts.length > 2 ? parts[2].replaceFirst("[.]zip$", "") : "";
  }

  private static String hash(String namespace) {
    return Digests.sha256(namespace).substring(0, 40);
  }
}
