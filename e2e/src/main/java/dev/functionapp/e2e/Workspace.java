package dev.functionapp.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The checkout that this runs in.
 *
 * @param root the project's folder
 */
public record Workspace(Path root) {

  private static final String LANDMARK = "crds/functionapps.functionapp.dev.yaml";

  /** The checkout around the current folder. */
  public static Workspace find() {
    Path start = Path.of("").toAbsolutePath();
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      if (Files.exists(folder.resolve(LANDMARK))) {
        return new Workspace(folder);
      }
    }
    throw new IllegalStateException("no folder at or above " + start + " holds " + LANDMARK + ": run this inside the project");
  }

  /** A file or folder of the project. */
  public Path file(String path) {
    return root.resolve(path);
  }

  /** A folder below {@code target}, made if it is not there. */
  public Path target(String folder) {
    try {
      return Files.createDirectories(root.resolve("target").resolve(folder));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The command {@code funcapp}, as {@code worker-image/scripts/setup} installed it. */
  public String funcapp() {
    return Stream.of("3.14", "3.13", "3.12", "3.11", "3.10")
        .map(version -> file("target/worker-image/" + version + "/host/bin/funcapp"))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("funcapp is not installed here: run worker-image/scripts/setup"))
        .toString();
  }

  /** A version out of {@code e2e/cluster/versions.env}, for example {@code KEDA_VERSION}. */
  public String version(String variable) {
    Path versions = file("e2e/cluster/versions.env");
    try (var lines = Files.lines(versions)) {
      return lines
          .filter(line -> line.startsWith(variable + "="))
          .map(line -> line.substring(variable.length() + 1))
          .findFirst()
          .orElseThrow(() -> new IllegalStateException(versions + " has no " + variable));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
