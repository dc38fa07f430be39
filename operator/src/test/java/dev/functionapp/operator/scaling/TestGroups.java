package dev.functionapp.operator.scaling;

import dev.functionapp.operator.plan.Group;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/** Groups, and what their pods report. */
final class TestGroups {

  static final String REVISION = "3f9c0a12be";

  private TestGroups() {}

  /** Scaled by the age of the messages of {@code resize}, and by HTTP load. */
  static GroupScaling scaling(int maxReplicas, int messageAgeSeconds, int httpConcurrency) {
    return new GroupScaling(
        0,
        maxReplicas,
        new Group.Demand(
            Optional.of(Duration.ofSeconds(messageAgeSeconds)),
            OptionalInt.of(httpConcurrency),
            Optional.empty(),
            Optional.empty(),
            new TreeMap<>(Map.of("resize", "queueTrigger", "upload", "httpTrigger"))),
        REVISION);
  }

  /** A group of the timer {@code nightly}, that is woken 35 s before it is due. */
  static GroupScaling timer() {
    return new GroupScaling(
        0,
        1,
        new Group.Demand(
            Optional.empty(),
            OptionalInt.empty(),
            Optional.of(Duration.ofSeconds(35)),
            Optional.empty(),
            new TreeMap<>(Map.of("nightly", "timerTrigger"))),
        REVISION);
  }

  /** A group of blob-triggered functions that scan every 300 s. */
  static GroupScaling blobs() {
    return new GroupScaling(
        0,
        5,
        new Group.Demand(
            Optional.empty(),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.of(Duration.ofMinutes(5)),
            new TreeMap<>(Map.of("archive", "blobTrigger"))),
        REVISION);
  }

  static PodReport report(Instant now, List<Report.Queue> queues, double httpInFlight) {
    return report(
        now,
        new Report(
            Optional.of(now),
            OptionalDouble.of(httpInFlight),
            queues,
            List.of(),
            Optional.empty(),
            Set.of()));
  }

  /** The timer {@code nightly}, as a worker whose clock is that far behind reports it. */
  static PodReport timer(Instant now, Duration behind, Instant next, boolean running) {
    return report(
        now,
        new Report(
            Optional.of(now.minus(behind)),
            OptionalDouble.empty(),
            List.of(),
            List.of(new Report.Timer("nightly", Optional.of(next), running)),
            Optional.empty(),
            Set.of()));
  }

  static PodReport scanned(Instant now, Instant scannedAt, boolean idle) {
    return report(
        now,
        new Report(
            Optional.of(now),
            OptionalDouble.empty(),
            List.of(),
            List.of(),
            Optional.of(new Report.Blobs(Optional.of(scannedAt), idle)),
            Set.of()));
  }

  private static PodReport report(Instant received, Report report) {
    return new PodReport(REVISION, received, report);
  }
}
