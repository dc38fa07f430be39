package dev.functionapp.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

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
