package dev.functionapp.operator.scaling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.scaling.Recommendation.Reason;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** The rules of the law for queues, each with the figures of a case. */
class QueueLawTest {

  private static final Duration WEEK = Duration.ofDays(7);

  @Test
  void aMessageThatIsTooOldAsksForMoreByAsMuchAsItIsTooOld() {
    var law = law(4, pods(4, queue(1000, 32, 45, 20, 8, 0)));

    assertThat(law.replicas()).isEqualTo(6);
    assertThat(law.reason()).isEqualTo(Reason.MessageAge);
    assertThat(law.message()).isEqualTo("resize: oldest message 45 s > 30 s");
  }

  @Test
  void atMostTwiceAsManyAsAnsweredWhereNobodyKnowsTheThroughput() {
    assertThat(law(2, pods(2, queue(5000, 32, 3000, 20, 8, 0))).replicas()).isEqualTo(4);
    assertThat(law(9, pods(2, queue(5000, 32, 3000, 20, 8, 0))).replicas()).isEqualTo(9);
  }

  @Test
  void asManyAsDrainTheBacklogInTime() {
    // 2,100 messages at 10 a second for each pod, in 0.7 · 30 s.
    var law = law(1, pods(1, queue(2120, 32, 10, 20, 8, 10)));

    assertThat(law.replicas()).isEqualTo(10);
    assertThat(law.message()).isEqualTo("resize: 2100 messages wait, oldest 10 s of 30 s");
  }

  @Test
  void notMoreThanThereIsWorkFor() {
    assertThat(law(2, pods(2, queue(60, 3, 3000, 9, 8, 0))).replicas()).isEqualTo(4);
    assertThat(law(3, pods(3, queue(60, 1, 3000, 9, 8, 0))).replicas()).isEqualTo(4);
  }

  @Test
  void fewerWhereTheHeadIsYoungAndPodsCouldTakeMore() {
    var law = law(6, pods(6, queue(12, 0, 0, 2, 8, 0)));

    assertThat(law.replicas()).isEqualTo(2);
    assertThat(law.message()).isEqualTo("resize: works on 12 messages");
    assertThat(law(6, pods(6, queue(0, 0, 0, 0, 8, 0))).replicas()).isZero();
  }

  @Test
  void theTargetIsAtMostHalfOfTheTimeThatMessagesLive() {
    var shortLived =
        new Report.Queue(
            "resize",
            "photos",
            OptionalLong.of(1000),
            OptionalInt.of(32),
            Optional.of(Duration.ofSeconds(15)),
            Optional.of(Duration.ofSeconds(20)),
            OptionalInt.of(20),
            OptionalInt.of(8),
            OptionalDouble.empty());

    var law = law(2, pods(2, shortLived));

    assertThat(law.replicas()).isEqualTo(3);
    assertThat(law.message()).isEqualTo("resize: oldest message 15 s > 10 s");
  }

  @Test
  void thePodThatHasWatchedForLongestKnowsHowLongAMessageHasWaited() {
    var fresh = queue(40, 32, 3600, 20, 8, 0);
    var old = queue(40, 32, 2, 20, 8, 0);

    assertThat(law(2, List.of(fresh, old)).replicas()).isEqualTo(2);
  }

  @Test
  void oneOfTwoPodsThatIsFullIsNotMost() {
    var full = queue(1000, 32, 3000, 20, 8, 0);
    var free = queue(1000, 32, 3000, 8, 8, 0);

    assertThat(law(2, List.of(full, free)).replicas()).isEqualTo(2);
    assertThat(law(3, List.of(full, full, free)).replicas()).isEqualTo(6);
  }

  @Test
  void withoutPodsNothingIsAskedFor() {
    assertThat(law(3, List.of()).replicas()).isZero();
  }

  private static Recommendation law(int replicas, List<Report.Queue> pods) {
    return QueueLaw.of("resize", pods, replicas, Duration.ofSeconds(30));
  }

  private static List<Report.Queue> pods(int count, Report.Queue queue) {
    return Collections.nCopies(count, queue);
  }

  /**
   * What one pod reports.
   *
   * @param throughput 0 where it is not known
   */
  private static Report.Queue queue(
      long length, int visible, long age, int working, int newBatchThreshold, double throughput) {
    return new Report.Queue(
        "resize",
        "photos",
        OptionalLong.of(length),
        OptionalInt.of(visible),
        Optional.of(Duration.ofSeconds(age)),
        Optional.of(WEEK),
        OptionalInt.of(working),
        OptionalInt.of(newBatchThreshold),
        throughput == 0 ? OptionalDouble.empty() : OptionalDouble.of(throughput));
  }
}
