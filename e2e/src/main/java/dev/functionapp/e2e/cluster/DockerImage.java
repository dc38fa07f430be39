package dev.functionapp.e2e.cluster;

import dev.functionapp.e2e.shell.Command;

/**
 * An image of the machine's Docker engine.
 *
 * @param name the name, with a tag
 * @param id the digest of its configuration, {@code sha256:…}
 */
record DockerImage(String name, String id) {

  static DockerImage inspect(String name) {
    var result = Command.of("docker", "image", "inspect", "--format", "{{.Id}}", name).run();
    if (!result.succeeded()) {
      throw new IllegalStateException("the Docker engine has no image " + name + ": build it first (make images)");
    }
    return new DockerImage(name, result.output().strip());
  }

  /** The name with the content's hash as tag: pods that use it are replaced when the content changes. */
  String contentTagged() {
    return name.substring(0, name.lastIndexOf(':')) + ":" + id.substring("sha256:".length()).substring(0, 12);
  }
}
