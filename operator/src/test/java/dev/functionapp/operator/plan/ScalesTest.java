package dev.functionapp.operator.plan;

import static dev.functionapp.operator.TestApps.connection;
import static dev.functionapp.operator.TestApps.scaling;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.functionapp.operator.plan.Trigger.Connection.Form;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Least and most replicas of a group, and what it is scaled on. */
class ScalesTest {

  private static final Trigger.Connection STORAGE =
      connection("AzureWebJobsStorage", Form.CONNECTION_STRING);
  private static final Trigger HTTP = new Trigger.HttpTrigger("upload", List.of());
  private static final Trigger TIMER = new Trigger.TimerTrigger("0 0 3 * * *", Optional.of("UTC"));
  private static final Trigger QUEUE = new Trigger.QueueTrigger("photos", 16, 8, STORAGE);
  private static final Trigger BLOB =
      new Trigger.BlobTrigger(
          "photos/{name}", STORAGE, Optional.of(new Trigger.InternalQueue("internal", 5, STORAGE)));

  private static final SortedMap<String, Trigger> ALL =
      new TreeMap<>(Map.of("upload", HTTP, "nightly", TIMER, "resize", QUEUE, "archive", BLOB));

  /** Least and most replicas under KEDA, and least without it. */
  static Stream<Arguments> replicas() {
    var none = Optional.<Duration>empty();
    var scan = Optional.of(Duration.ofMinutes(10));
    return Stream.of(
        arguments("queue", Map.of("f", QUEUE), with(0, 20, 1, none), 0, 20, 1),
        arguments("queue", Map.of("f", QUEUE), with(2, 20, 5, none), 2, 20, 2),
        arguments("http", Map.of("f", HTTP), with(0, 20, 1, none), 1, 20, 1),
        arguments("http", Map.of("f", HTTP), with(4, 20, 2, none), 2, 20, 2),
        arguments("http over the most", Map.of("f", HTTP), with(0, 3, 5, none), 3, 3, 3),
        arguments("timer", Map.of("f", TIMER), with(0, 20, 5, none), 0, 1, 1),
        arguments("timer", Map.of("f", TIMER), with(3, 20, 5, none), 1, 1, 1),
        arguments("blob", Map.of("f", BLOB), with(0, 20, 5, none), 1, 20, 1),
        arguments("blob", Map.of("f", BLOB), with(3, 20, 5, none), 3, 20, 3),
        arguments("blob, scanned", Map.of("f", BLOB), with(0, 20, 5, scan), 0, 20, 1),
        arguments("timer and queue", Map.of("f", TIMER, "g", QUEUE), with(3, 9, 5, none), 3, 9, 3),
        arguments("queue and http", Map.of("f", QUEUE, "g", HTTP), with(0, 9, 2, none), 2, 9, 2),
        arguments("all", ALL, with(0, 9, 1, scan), 1, 9, 1));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("replicas")
  void theLargestMinimumOfTheTriggersHolds(
      String what,
      Map<String, Trigger> functions,
      Scaling scaling,
      int least,
      int most,
      int withoutKeda) {
    var sorted = new TreeMap<>(functions);

    var scaled = (Group.Scaled) Scales.of(sorted, scaling, false, true);
    assertThat(scaled.minReplicas()).isEqualTo(least);
    assertThat(scaled.maxReplicas()).isEqualTo(most);

    var unscaled = (Group.Unscaled) Scales.of(sorted, scaling, false, false);
    assertThat(unscaled.minReplicas()).isEqualTo(withoutKeda);
    assertThat(unscaled.reason()).isEqualTo(Reason.KedaNotInstalled);
    assertThat(unscaled.message()).contains("https://keda.sh");

    assertThat(Scales.of(sorted, scaling, true, true)).isEqualTo(new Group.Stopped());
    assertThat(Scales.of(sorted, scaling, true, false)).isEqualTo(new Group.Stopped());
  }

  @Test
  void aQueueAloneIsScaledOnWhatOneReplicaWorksOnAtATime() {
    assertThat(scaled(Map.of("resize", QUEUE), scaling(0)))
        .isEqualTo(
            new Group.Scaled(
                0,
                20,
                Duration.ofSeconds(5),
                Duration.ofSeconds(60),
                false,
                List.of(new Group.QueueLength("resize", "photos", 24, STORAGE)),
                Optional.empty()));
  }

  @Test
  void aJoinedGroupScalesOnAllOfItsTriggers() {
    var scaling =
        new Scaling(
            0,
            20,
            Duration.ofSeconds(5),
            Duration.ofSeconds(60),
            true,
            new Scaling.Queue(OptionalInt.of(3), Optional.of(Duration.ofSeconds(30))),
            new Scaling.Http(1, 50),
            new Scaling.Timer(Duration.ofSeconds(45)),
            new Scaling.Blob(Optional.of(Duration.ofMinutes(10))));

    var scaled = scaled(ALL, scaling);

    assertThat(scaled.paused()).isTrue();
    assertThat(scaled.queues())
        .containsExactly(
            new Group.QueueLength("archive", "internal", 3, STORAGE),
            new Group.QueueLength("resize", "photos", 3, STORAGE));
    assertThat(scaled.demand())
        .contains(
            new Group.Demand(
                Optional.of(Duration.ofSeconds(30)),
                OptionalInt.of(50),
                Optional.of(Duration.ofSeconds(45)),
                Optional.of(Duration.ofMinutes(10)),
                new TreeMap<>(
                    Map.of(
                        "archive",
                        "blobTrigger",
                        "nightly",
                        "timerTrigger",
                        "resize",
                        "queueTrigger",
                        "upload",
                        "httpTrigger"))));
  }

  @Test
  void whatNoFunctionOfTheGroupNeedsIsNotDemanded() {
    var scaling = with(0, 20, 1, Optional.of(Duration.ofMinutes(10)));

    assertThat(scaled(Map.of("resize", QUEUE), scaling).demand()).isEmpty();
    assertThat(scaled(Map.of("nightly", TIMER), scaling).demand())
        .hasValueSatisfying(demand -> {
          assertThat(demand.timerLead()).contains(Duration.ofSeconds(30));
          assertThat(demand.httpConcurrency()).isEmpty();
          assertThat(demand.scanInterval()).isEmpty();
        });
  }

  @Test
  void theInternalQueueOfBlobTriggersCountsOnce() {
    assertThat(scaled(Map.of("archive", BLOB, "import", BLOB), scaling(0)).queues())
        .containsExactly(new Group.QueueLength("archive", "internal", 5, STORAGE));
  }

  @Test
  void whatNothingCanBeReadOfIsNotScaled() {
    var blob = new Trigger.BlobTrigger("photos/{name}", STORAGE, Optional.empty());

    assertThat(Scales.of(new TreeMap<>(Map.of("f", blob)), scaling(2), false, true))
        .isEqualTo(new Group.Fixed(2));
  }

  @Test
  void aConnectionByIdentityIsScaledWhereItsAccountIsKnown() {
    var known =
        new Trigger.Connection(
            "STORAGE", Form.IDENTITY, Optional.of("orders"), Optional.empty(), Optional.empty());
    assertThat(
            scaled(Map.of("f", new Trigger.QueueTrigger("photos", 16, 8, known)), scaling(0))
                .queues())
        .hasSize(1);

    var unknown = connection("STORAGE", Form.IDENTITY);
    var functions =
        new TreeMap<String, Trigger>(
            Map.of("f", new Trigger.QueueTrigger("photos", 16, 8, unknown)));
    assertThat(Scales.of(functions, scaling(0), false, true))
        .isInstanceOfSatisfying(
            Group.Unscaled.class,
            unscaled -> {
              assertThat(unscaled.minReplicas()).isEqualTo(1);
              assertThat(unscaled.reason()).isEqualTo(Reason.ConnectionNotSupported);
              assertThat(unscaled.message()).contains("\"photos\"", "STORAGE__accountName");
            });
  }

  private static Group.Scaled scaled(Map<String, Trigger> functions, Scaling scaling) {
    return (Group.Scaled) Scales.of(new TreeMap<>(functions), scaling, false, true);
  }

  private static Scaling with(int least, int most, int http, Optional<Duration> scan) {
    return new Scaling(
        least,
        most,
        Duration.ofSeconds(5),
        Duration.ofSeconds(60),
        false,
        new Scaling.Queue(OptionalInt.empty(), Optional.empty()),
        new Scaling.Http(http, 50),
        new Scaling.Timer(Duration.ofSeconds(30)),
        new Scaling.Blob(scan));
  }
}
