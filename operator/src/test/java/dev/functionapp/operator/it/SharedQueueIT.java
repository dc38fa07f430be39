package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Two apps whose functions take messages from one queue. */
@DisplayName("Two apps on one queue are warned of, and run")
class SharedQueueIT {

  private static final String SPEC =
      "{source: {inline: {files: {function_app.py: \"%s\"}}}, settingsFrom: [{secretRef: {name:"
          + " %s}}]}";

  private static Cluster cluster;
  private static Preparer preparer;

  @BeforeAll
  static void start() {
    cluster = Cluster.withKeda();
    preparer = new Preparer(cluster);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void bothAreToldWhoseQueueTheyShareUntilOneIsGone() {
    deploy("first", "storage");
    assertThat(message("first")).doesNotContain("takes from");
    deploy("apart", "other-storage");

    deploy("second", "storage");

    var note =
        "resize takes from the queue \"photos\", and so does resize of the FunctionApp \"first\"";
    assertThat(message("second")).contains(note);
    assertThat(warnings("second")).singleElement().asString().contains(note);
    assertThat(warnings("apart")).isEmpty();
    assertThat(cluster.deployment("second", "queue-resize")).isPresent();

    touch("first");
    await("the first one is told, too")
        .atMost(30, SECONDS)
        .until(() -> message("first").contains("of the FunctionApp \"second\""));
    assertThat(message("apart")).doesNotContain("takes from");

    cluster.client.resource(cluster.app("second")).delete();
    await("the second is gone").atMost(30, SECONDS).until(() -> cluster.app("second") == null);
    touch("first");
    await("nothing is shared any more")
        .atMost(30, SECONDS)
        .until(() -> !message("first").contains("takes from"));
  }

  private static void deploy(String app, String secret) {
    cluster.apply(app, SPEC.formatted(app, secret));
    preparer.prepare(app, Preparer.QUEUE);
    cluster.awaitReason(app, "ScalingReady", "KedaPending", 60);
  }

  /** So that there is another pass. */
  private static void touch(String app) {
    cluster
        .client
        .resource(cluster.app(app))
        .edit(found -> {
          found
              .getMetadata()
              .setAnnotations(Map.of("functionapp.dev/reconcile-at", "" + System.nanoTime()));
          return found;
        });
  }

  private static String message(String app) {
    return cluster.condition(app, "ScalingReady").orElseThrow().getMessage();
  }

  private static List<String> warnings(String app) {
    return cluster
        .client
        .events()
        .v1()
        .events()
        .inNamespace(cluster.namespace)
        .list()
        .getItems()
        .stream()
        .filter(event -> event.getReason().equals("QueueShared"))
        .filter(event -> event.getRegarding().getName().equals(app))
        .map(Event::getNote)
        .toList();
  }
}
