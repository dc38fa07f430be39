package dev.functionapp.operator.scaling;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** The law for a queue, as a simulation sees it. */
public final class LawAsSeen {

  private LawAsSeen() {}

  /**
   * What a pod reports.
   *
   * @param age seconds; negative where no message waits
   * @param throughput messages in a second; 0 where it is not known
   */
  public record Seen(
      long length,
      int visible,
      double age,
      int working,
      int newBatchThreshold,
      double throughput) {}

  /** The replicas that the law asks for. */
  public static int replicas(List<Seen> pods, int replicas, double target) {
    var reports = pods.stream().map(LawAsSeen::report).toList();
    return QueueLaw.of("function", reports, replicas, duration(target)).replicas();
  }

  private static Report.Queue report(Seen seen) {
    return new Report.Queue(
        "function",
        "queue",
        OptionalLong.of(seen.length()),
        OptionalInt.of(seen.visible()),
        seen.age() < 0 ? Optional.empty() : Optional.of(duration(seen.age())),
        Optional.of(Duration.ofDays(7)),
        OptionalInt.of(seen.working()),
        OptionalInt.of(seen.newBatchThreshold()),
        seen.throughput() == 0 ? OptionalDouble.empty() : OptionalDouble.of(seen.throughput()));
  }

  private static Duration duration(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1000));
  }
}
