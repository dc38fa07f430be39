package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.blob.models.BlobItem;
import com.azure.storage.blob.models.ListBlobsOptions;
import dev.functionapp.operator.plan.Digests;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/** A real Azurite in a process of its own. */
final class Azurite implements AutoCloseable {

  private static final Path PROGRAM =
      Path.of("../target/azurite/node_modules/azurite/dist/src/azurite.js");
  private static final String KEY =
      "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

  private final Path data;
  private final int port = freePort();
  private Process process;

  Azurite() {
    try {
      data = Files.createTempDirectory("azurite");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start();
  }

  void start() {
    try {
      process =
          new ProcessBuilder(
                  "node",
                  PROGRAM.toAbsolutePath().toString(),
                  "--silent",
                  "--inMemoryPersistence",
                  "--skipApiVersionCheck",
                  "--blobPort",
                  "" + port,
                  "--queuePort",
                  "0",
                  "--tablePort",
                  "0")
              .directory(data.toFile())
              .redirectErrorStream(true)
              .redirectOutput(data.resolve("log").toFile())
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    await("Azurite listens, see " + data)
        .atMost(180, SECONDS)
        .until(() -> {
          assertThat(process.isAlive()).isTrue();
          return answers();
        });
  }

  String connectionString() {
    return "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=%s;BlobEndpoint=http://127.0.0.1:%d/devstoreaccount1;"
        .formatted(KEY, port);
  }

  /** The names of blobs in the container of a namespace. */
  List<String> blobs(String namespace, String prefix) {
    return container("ns-", namespace)
        .listBlobs(new ListBlobsOptions().setPrefix(prefix), Duration.ofSeconds(10))
        .stream()
        .map(BlobItem::getName)
        .toList();
  }

  /** Makes blobs in the container of a namespace. */
  void put(String namespace, String... names) {
    for (var name : names) {
      container("ns-", namespace).getBlobClient(name).upload(BinaryData.fromString(name));
    }
  }

  /** Makes a blob in a namespace's cache of dependencies. */
  void putDependencies(String namespace, String name) {
    container("deps-", namespace).getBlobClient(name).upload(BinaryData.fromString(name));
  }

  private BlobContainerClient container(String prefix, String namespace) {
    return new BlobServiceClientBuilder()
        .connectionString(connectionString())
        .buildClient()
        .getBlobContainerClient(prefix + Digests.sha256(namespace).substring(0, 40));
  }

  /** Ends the process, as an outage does; {@link #start} brings it back, empty. */
  void stop() {
    process.destroy();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stop();
    try (var files = Files.walk(data)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean answers() {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private static int freePort() {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
