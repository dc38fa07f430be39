package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.blob.models.BlobItem;
import com.azure.storage.blob.models.ListBlobsOptions;
import dev.functionapp.operator.plan.Digests;
import java.io.IOException;
import java.io.UncheckedIOException;
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

  private static final int PORT = 10000;

  private final Path data;
  private final String address = Loopback.address();
  private Process process;

  Azurite() {
    try {
      data = Files.createTempDirectory("azurite");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start();
  }

  /**
   * One for all tests of this JVM: it takes seconds of both processors to start, and each namespace
   * has containers of its own.
   */
  static Azurite shared() {
    return Shared.INSTANCE;
  }

  private static final class Shared {
    static final Azurite INSTANCE = new Azurite();

    static {
      Runtime.getRuntime().addShutdownHook(new Thread(INSTANCE::close));
    }
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
                  "--blobHost",
                  address,
                  "--blobPort",
                  "" + PORT,
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
    try {
      await("Azurite listens, see " + data)
          .atMost(180, SECONDS)
          .until(() -> {
            assertThat(process.isAlive()).isTrue();
            return answers();
          });
    } catch (RuntimeException | Error e) {
      stop();
      throw e;
    }
  }

  String connectionString() {
    return "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=%s;BlobEndpoint=http://%s:%d/devstoreaccount1;"
        .formatted(KEY, address, PORT);
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

  /** Deletes every blob. */
  void clear() {
    for (var found : account().listBlobContainers()) {
      var container = account().getBlobContainerClient(found.getName());
      container.listBlobs().forEach(blob -> container.getBlobClient(blob.getName()).delete());
    }
  }

  private BlobContainerClient container(String prefix, String namespace) {
    return account().getBlobContainerClient(prefix + Digests.sha256(namespace).substring(0, 40));
  }

  private BlobServiceClient account() {
    return new BlobServiceClientBuilder().connectionString(connectionString()).buildClient();
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
    try (var socket = new Socket(address, PORT)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }
}
