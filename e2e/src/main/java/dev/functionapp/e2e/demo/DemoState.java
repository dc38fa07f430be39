package dev.functionapp.e2e.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.functionapp.e2e.Workspace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the demo has made, so that exactly this can be removed.
 *
 * @param cluster the distribution's name
 * @param kubeconfig the file to reach the cluster with
 * @param keda whether KEDA was installed by the demo
 * @param operator whether the operator was
 * @param definition whether the FunctionApp definition came with it
 */
public record DemoState(String cluster, String kubeconfig, boolean keda, boolean operator, boolean definition) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** What an earlier run wrote; empty when there was none, or it has been removed. */
  public static Optional<DemoState> read(Workspace workspace) {
    try {
      Path file = file(workspace);
      return Files.exists(file) ? Optional.of(JSON.readValue(file.toFile(), DemoState.class)) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Remembers this. What an earlier run made on the same cluster was made by the demo, too. */
  public void write(Workspace workspace) {
    DemoState all =
        read(workspace)
            .filter(before -> before.cluster.equals(cluster) && before.kubeconfig.equals(kubeconfig))
            .map(before -> new DemoState(cluster, kubeconfig, keda || before.keda, operator || before.operator, definition || before.definition))
            .orElse(this);
    try {
      JSON.writerWithDefaultPrettyPrinter().writeValue(file(workspace).toFile(), all);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Forgets. */
  public static void delete(Workspace workspace) {
    try {
      Files.deleteIfExists(file(workspace));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path file(Workspace workspace) {
    return workspace.target("demo").resolve("state.json");
  }
}
