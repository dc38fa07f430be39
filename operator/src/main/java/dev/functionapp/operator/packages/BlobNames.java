package dev.functionapp.operator.packages;

import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.Digests;

/** Where things are in the package store. */
final class BlobNames {

  private BlobNames() {}

  /**
   * Hashed, because a namespace's name may be longer than a container's and hold what that may not.
   */
  static String container(String namespace) {
    return "ns-" + hash(namespace);
  }

  /** The container of a namespace's cache of dependencies. */
  static String dependencies(String namespace) {
    return "deps-" + hash(namespace);
  }

  static String packageBlob(AppId app, String packageKey) {
    return "packages/" + app.name() + "/" + packageKey + ".zip";
  }

  static String indexBlob(AppId app, String revision) {
    return "revisions/" + app.name() + "/" + revision + "/index.json";
  }

  private static String hash(String namespace) {
    return Digests.sha256(namespace).substring(0, 40);
  }
}
