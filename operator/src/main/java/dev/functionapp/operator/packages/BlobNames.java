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
    return "ns-" + Digests.sha256(namespace).substring(0, 40);
  }

  static String packageBlob(AppId app, String packageKey) {
    return "packages/" + app.name() + "/" + packageKey + ".zip";
  }

  static String indexBlob(AppId app, String revision) {
    return "revisions/" + app.name() + "/" + revision + "/index.json";
  }
}
