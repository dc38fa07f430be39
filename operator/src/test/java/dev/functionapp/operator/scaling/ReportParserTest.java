package dev.functionapp.operator.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportParserTest {

  private static final Set<String> FUNCTIONS = Set.of("resize", "nightly");

  @Test
  void everythingThatTheContractNamesIsRead() {
    var report =
        parse(
            """
            {"now": "2026-11-21T02:59:40+00:00", "inFlight": 3, "http": {"averageInFlight": 1.7},
             "queues": [{"function": "resize", "queue": "photos", "length": 812, "visible": 32, "oldestMessageAgeSeconds": 48.0,
                         "timeToLiveSeconds": 604800, "working": 20, "newBatchThreshold": 8, "throughput": 11.5}],
             "timers": [{"function": "nightly", "nextOccurrence": "2026-11-21T03:00:00+00:00", "running": false}],
             "blobs": {"scannedAt": "2026-11-21T02:59:30+00:00", "idle": true}}
            """);

    assertThat(report.now()).contains(Instant.parse("2026-11-21T02:59:40Z"));
    assertThat(report.httpInFlight()).hasValue(1.7);
    assertThat(report.queues())
        .containsExactly(
            new Report.Queue(
                "resize",
                "photos",
                OptionalLong.of(812),
                OptionalInt.of(32),
                Optional.of(Duration.ofSeconds(48)),
                Optional.of(Duration.ofDays(7)),
                OptionalInt.of(20),
                OptionalInt.of(8),
                OptionalDouble.of(11.5)));
    assertThat(report.timers())
        .containsExactly(
            new Report.Timer("nightly", Optional.of(Instant.parse("2026-11-21T03:00:00Z")), false));
    assertThat(report.blobs())
        .contains(new Report.Blobs(Optional.of(Instant.parse("2026-11-21T02:59:30Z")), true));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-1",
        "-0.5",
        "1e99",
        "1e400",
        "\"12\"",
        "true",
        "null",
        "[1]",
        "{}",
        "99999999999999999999"
      })
  void aNumberThatIsNonsenseIsAbsent(String value) {
    var report =
        parse(
            """
            {"http": {"averageInFlight": %1$s},
             "queues": [{"function": "resize", "length": %1$s, "visible": %1$s, "oldestMessageAgeSeconds": %1$s,
                         "timeToLiveSeconds": %1$s, "working": %1$s, "newBatchThreshold": %1$s, "throughput": %1$s}]}
            """
                .formatted(value));

    assertThat(report.httpInFlight()).isEmpty();
    assertThat(report.queues())
        .containsExactly(
            new Report.Queue(
                "resize",
                "",
                OptionalLong.empty(),
                OptionalInt.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalDouble.empty()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"tomorrow\"",
        "1763694000",
        "\"2026-11-21\"",
        "\"9999-12-31T00:00:00Z\"",
        "\"\""
      })
  void aTimeThatIsNonsenseIsAbsent(String value) {
    var report =
        parse(
            """
            {"now": %1$s, "timers": [{"function": "nightly", "nextOccurrence": %1$s, "running": "yes"}], "blobs": {"scannedAt": %1$s}}
            """
                .formatted(value));

    assertThat(report.now()).isEmpty();
    assertThat(report.timers())
        .containsExactly(new Report.Timer("nightly", Optional.empty(), false));
    assertThat(report.blobs()).contains(new Report.Blobs(Optional.empty(), false));
  }

  @Test
  void functionsThatTheGroupDoesNotHaveAreLeftOutAndEachCountsOnce() {
    var report =
        parse(
            """
            {"queues": [{"function": "other", "length": 1}, {"function": "resize", "length": 2},
                        {"function": "resize", "length": 3}, 7, null, {"length": 4}],
             "timers": {"function": "nightly"}, "http": 3, "blobs": []}
            """);

    assertThat(report.queues()).hasSize(1);
    assertThat(report.queues().getFirst().length()).hasValue(2);
    assertThat(report.timers()).isEmpty();
    assertThat(report.blobs()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "3", "\"text\"", "{", "{} {}", "<html/>", "{\"now\": NaN}"})
  void whatIsNotOneJsonObjectIsRefused(String text) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("the report ");
  }

  @Test
  void deepNestingIsRefused() {
    assertThatThrownBy(() -> parse("{\"queues\":".repeat(500) + "1" + "}".repeat(500)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Report parse(String text) {
    return ReportParser.parse(text.getBytes(StandardCharsets.UTF_8), FUNCTIONS);
  }
}
