package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.support.AppManifest;
import dev.functionapp.e2e.support.Environment;
import dev.functionapp.e2e.support.ReplicaWatch;
import dev.functionapp.e2e.support.SideBySide;
import dev.functionapp.e2e.support.TestNamespace;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Blob-triggered functions may sleep between two scans, and share what a scan finds. */
@SideBySide
class BlobScalingE2E {

  private static final String GROUP = "blob";

  private static final String COPIES =
      """
      import time
      import azure.functions as func

      def main(found: func.InputStream, done: func.Out[bytes]) -> None:
          time.sleep(1)
          done.set(found.read())
      """;

  private final Environment environment;
  private final TestNamespace namespace;

  BlobScalingE2E(Environment environment, TestNamespace namespace) {
    this.environment = environment;
    this.namespace = namespace;
  }

  @Test
  void aScanFromZeroFindsWhatCameMeanwhileAndSeveralReplicasWorkOnIt() {
    String container = namespace.unique("found");
    String copies = namespace.unique("copied");
    int count = 60;
    FunctionApp app =
        namespace.ready(
            AppManifest.named("scanning")
                .queues(Map.of("batchSize", 2, "newBatchThreshold", 1, "maxPollingInterval", "00:00:01"))
                .function(
                    "copy",
                    COPIES,
                    Map.of("type", "blobTrigger", "direction", "in", "name", "found", "path", container + "/{name}", "connection", "AzureWebJobsStorage"),
                    Map.of("type", "blob", "direction", "out", "name", "done", "path", copies + "/{name}-{rand-guid}", "connection", "AzureWebJobsStorage"))
                .scaling("maxReplicas", 3)
                .scaling("blob", Map.of("scanInterval", "1m")));
    environment.storage().upload(container, "first", "first".getBytes(StandardCharsets.UTF_8));
    namespace.await("the group to sleep", Duration.ofMinutes(3), () -> app.replicas(GROUP) == 0);

    try (ReplicaWatch watch = new ReplicaWatch(app)) {
      for (int i = 0; i < count; i++) {
        environment.storage().upload(container, "blob" + i, "content".getBytes(StandardCharsets.UTF_8));
      }
      namespace.await("every blob to be copied", Duration.ofMinutes(4), () -> environment.storage().blobs(copies, "blob").size() >= count);
      assertThat(watch.most(GROUP)).as("replicas that worked on them").isGreaterThanOrEqualTo(2);
      namespace.await("the group to sleep", Duration.ofMinutes(2), () -> app.replicas(GROUP) == 0);
    }
    assertThat(environment.storage().blobs(copies, "blob")).as("copies").hasSize(count);
  }
}
