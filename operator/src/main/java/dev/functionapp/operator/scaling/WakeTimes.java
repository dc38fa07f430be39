package dev.functionapp.operator.scaling;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * When a group that may sleep has something to do next. Kept in an annotation of its Deployment,
 * because nobody knows once its pods are gone.
 *
 * @param revision whose functions these are
 * @param next by the operator's clock, for each timer, and for the scan for blobs
 */
record WakeTimes(String revision, SortedMap<String, Instant> next) {

  /** The name of the scan for blobs, which no function can have. */
  static final String SCAN = "";

  static final WakeTimes NONE = new WakeTimes("", new TreeMap<>());

  /** Clocks drift, and a report takes time: nearer than that it is the same occurrence. */
  private static final Duration SAME = Duration.ofSeconds(5);

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  /** Reads the annotation; what cannot be read is not known, so that the group is woken. */
  static WakeTimes parse(String annotation) {
    try {
      var root = MAPPER.readTree(annotation);
      var next = new TreeMap<String, Instant>();
      root.path("next")
          .properties()
          .forEach(entry ->
              instant(entry.getValue().asText()).ifPresent(at -> next.put(entry.getKey(), at)));
      return new WakeTimes(root.path("revision").asText(), next);
    } catch (JsonProcessingException e) {
      return NONE;
    }
  }

  String toJson() {
    var root = MAPPER.createObjectNode().put("revision", revision);
    var times = root.putObject("next");
    next.forEach((function, at) -> times.put(function, at.toString()));
    return root.toString();
  }

  /** When the function has something to do next, where that is known for the revision. */
  Optional<Instant> next(GroupScaling scaling, String function) {
    return revision.equals(scaling.revision())
        ? Optional.ofNullable(next.get(function))
        : Optional.empty();
  }

  /**
   * What is to be kept after these reports: equal to this where there is nothing new. A time at
   * which the group is awake anyway is not worth keeping, so a frequent schedule costs no writes;
   * and a time that has passed stays until a later one is reported, so it is made up for.
   *
   * @param now by the operator's clock
   */
  WakeTimes after(GroupScaling scaling, Collection<PodReport> reports, Instant now) {
    var kept = new TreeMap<String, Instant>();
    var current =
        reports.stream().filter(report -> report.revision().equals(scaling.revision())).toList();
    for (var timer : scaling.timers()) {
      var before = next(scaling, timer);
      var lead = scaling.demand().timerLead().orElseThrow();
      occurrence(timer, current)
          .filter(at -> at.minus(lead).isAfter(now))
          .filter(at -> before.isEmpty() || isAnother(at, before.get(), SAME))
          .or(() -> before)
          .ifPresent(at -> kept.put(timer, at));
    }
    if (scaling.scans()) {
      var before = next(scaling, SCAN);
      var interval = scaling.demand().scanInterval().orElseThrow();
      // Scans follow one another while the group is awake: not each of them is written down.
      nextScan(current, interval)
          .filter(at -> at.isAfter(now))
          .filter(at -> before.isEmpty() || isAnother(at, before.get(), interval.dividedBy(4)))
          .or(() -> before)
          .ifPresent(at -> kept.put(SCAN, at));
    }
    return kept.isEmpty() ? this : new WakeTimes(scaling.revision(), kept);
  }

  /** The nearest that any pod reports; none while one runs, which may have to run again. */
  private static Optional<Instant> occurrence(String timer, Collection<PodReport> reports) {
    if (isRunning(timer, reports)) {
      return Optional.empty();
    }
    return reports.stream()
        .flatMap(report ->
            report.report().timers().stream()
                .filter(found -> found.function().equals(timer))
                .flatMap(found -> found.nextOccurrence().stream())
                .map(report::toOperatorClock))
        .min(Comparator.naturalOrder())
        .map(at -> at.truncatedTo(ChronoUnit.SECONDS));
  }

  static boolean isRunning(String timer, Collection<PodReport> reports) {
    return reports.stream()
        .flatMap(report -> report.report().timers().stream())
        .anyMatch(found -> found.function().equals(timer) && found.running());
  }

  private static Optional<Instant> nextScan(Collection<PodReport> reports, Duration interval) {
    record Scan(Instant ended, boolean idle) {}
    return reports.stream()
        .flatMap(report ->
            report.report().blobs().stream()
                .flatMap(blobs ->
                    blobs.scannedAt().stream()
                        .map(at -> new Scan(report.toOperatorClock(at), blobs.idle()))))
        .max(Comparator.comparing(Scan::ended))
        .filter(Scan::idle)
        .map(scan -> scan.ended().plus(interval).truncatedTo(ChronoUnit.SECONDS));
  }

  private static boolean isAnother(Instant at, Instant before, Duration same) {
    return Duration.between(before, at).abs().compareTo(same) >= 0;
  }

  private static Optional<Instant> instant(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
