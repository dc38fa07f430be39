package dev.functionapp.operator.scaling;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/**
 * Reads a worker's report, which is untrusted: a value of the wrong type, negative, not finite or
 * beyond reason is absent, and so is an entry for a function that the group does not have.
 */
final class ReportParser {

  /** More than any pod works on, and little enough that the sum over all pods is a number. */
  private static final int MAX_WORK = 100_000;

  private static final long MAX_LENGTH = 10_000_000_000L;
  private static final double MAX_RATE = 1_000_000;
  private static final Duration MAX_AGE = Duration.ofDays(3660);
  private static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");
  private static final Instant LATEST = Instant.parse("2200-01-01T00:00:00Z");
  private static final int MAX_NAME = 128;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              com.fasterxml.jackson.core.JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(16)
                          .maxNumberLength(64)
                          .maxStringLength(1024)
                          .maxNameLength(256)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private ReportParser() {}

  /**
   * Reads a report.
   *
   * @param functions those of the group
   * @throws IllegalArgumentException where it is not one JSON object; the message holds nothing of
   *     the content
   */
  static Report parse(byte[] json, Set<String> functions) {
    var root = tree(json);
    return new Report(
        instant(root.get("now")),
        number(root.path("http").get("averageInFlight"), MAX_WORK),
        entries(root.get("queues"), functions, ReportParser::queue),
        entries(root.get("timers"), functions, ReportParser::timer),
        Optional.ofNullable(root.get("blobs"))
            .filter(JsonNode::isObject)
            .map(blobs -> new Report.Blobs(instant(blobs.get("scannedAt")), isTrue(blobs, "idle"))),
        names(root.path("disabled"), functions));
  }

  private static Set<String> names(JsonNode list, Set<String> functions) {
    var names = new HashSet<String>();
    for (var name : list) {
      if (name.isTextual() && functions.contains(name.textValue())) {
        names.add(name.textValue());
      }
    }
    return Set.copyOf(names);
  }

  private static JsonNode tree(byte[] json) {
    try {
      var root = MAPPER.readTree(json);
      if (root.isObject()) {
        return root;
      }
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("the report is not JSON", e);
    } catch (IOException e) {
      throw new IllegalArgumentException("the report cannot be read", e);
    }
    throw new IllegalArgumentException("the report is not a JSON object");
  }

  private static <T> List<T> entries(
      JsonNode list, Set<String> functions, Function<JsonNode, T> read) {
    var entries = new ArrayList<T>();
    if (list == null || !list.isArray()) {
      return entries;
    }
    var seen = new HashSet<String>();
    for (var entry : list) {
      var function = text(entry, "function");
      if (functions.contains(function) && seen.add(function)) {
        entries.add(read.apply(entry));
      }
    }
    return List.copyOf(entries);
  }

  private static Report.Queue queue(JsonNode entry) {
    return new Report.Queue(
        text(entry, "function"),
        text(entry, "queue"),
        whole(entry.get("length")),
        count(entry.get("visible")),
        seconds(entry.get("oldestMessageAgeSeconds")),
        seconds(entry.get("timeToLiveSeconds")).filter(Duration::isPositive),
        count(entry.get("working")),
        count(entry.get("newBatchThreshold")),
        number(entry.get("throughput"), MAX_RATE));
  }

  private static Report.Timer timer(JsonNode entry) {
    return new Report.Timer(
        text(entry, "function"), instant(entry.get("nextOccurrence")), isTrue(entry, "running"));
  }

  private static String text(JsonNode entry, String name) {
    var value = entry.path(name);
    return value.isTextual() && value.textValue().length() <= MAX_NAME ? value.textValue() : "";
  }

  private static boolean isTrue(JsonNode entry, String name) {
    return entry.path(name).isBoolean() && entry.path(name).booleanValue();
  }

  private static OptionalDouble number(JsonNode value, double max) {
    if (value == null || !value.isNumber()) {
      return OptionalDouble.empty();
    }
    double number = value.doubleValue();
    return number >= 0 && number <= max ? OptionalDouble.of(number) : OptionalDouble.empty();
  }

  private static OptionalLong whole(JsonNode value) {
    if (value == null || !value.canConvertToExactIntegral() || !value.canConvertToLong()) {
      return OptionalLong.empty();
    }
    long number = value.longValue();
    return number >= 0 && number <= MAX_LENGTH ? OptionalLong.of(number) : OptionalLong.empty();
  }

  private static OptionalInt count(JsonNode value) {
    var number = whole(value);
    return number.isPresent() && number.getAsLong() <= MAX_WORK
        ? OptionalInt.of((int) number.getAsLong())
        : OptionalInt.empty();
  }

  private static Optional<Duration> seconds(JsonNode value) {
    var number = number(value, (double) MAX_AGE.toSeconds());
    return number.isPresent()
        ? Optional.of(Duration.ofMillis(Math.round(number.getAsDouble() * 1000)))
        : Optional.empty();
  }

  private static Optional<Instant> instant(JsonNode value) {
    if (value == null || !value.isTextual()) {
      return Optional.empty();
    }
    try {
      return Optional.of(OffsetDateTime.parse(value.textValue()).toInstant())
          .filter(instant -> instant.isAfter(EARLIEST) && instant.isBefore(LATEST));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
