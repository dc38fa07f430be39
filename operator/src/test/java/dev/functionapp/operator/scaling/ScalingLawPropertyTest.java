package dev.functionapp.operator.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.lists;

import dev.functionapp.operator.scaling.Recommendation.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.quicktheories.core.Gen;

/** What holds of the law whatever workers report. */
class ScalingLawPropertyTest {

  private static final Instant NOW = Instant.parse("2026-11-21T03:00:00Z");

  private static final int MOST_WORK = 24;

  /** A queue-triggered function of some pods, seen at one moment. */
  private record Load(int replicas, int targetSeconds, List<Report.Queue> pods) {

    int recommended() {
      return law().replicas();
    }

    Recommendation law() {
      return QueueLaw.of("resize", pods, replicas, Duration.ofSeconds(targetSeconds));
    }

    Load withAge(long milliseconds) {
      var age = Optional.of(Duration.ofMillis(milliseconds));
      return with(pod -> pod.visible(), pod -> age, pod -> pod.working().getAsInt());
    }

    Load withWork(ToIntFunction<Report.Queue> working) {
      return with(pod -> pod.visible(), pod -> pod.oldestMessageAge(), working);
    }

    /** No pod fetches less than it could. */
    Load withoutSaturation() {
      return withWork(
          pod -> Math.min(pod.working().getAsInt(), pod.newBatchThreshold().getAsInt()));
    }

    Load withoutWaiting(OptionalInt visible) {
      return with(pod -> visible, pod -> Optional.empty(), pod -> pod.working().getAsInt());
    }

    private Load with(
        Function<Report.Queue, OptionalInt> visible,
        Function<Report.Queue, Optional<Duration>> age,
        ToIntFunction<Report.Queue> working) {
      return new Load(
          replicas,
          targetSeconds,
          pods.stream()
              .map(pod ->
                  new Report.Queue(
                      pod.function(),
                      pod.queue(),
                      pod.length(),
                      visible.apply(pod),
                      age.apply(pod),
                      pod.timeToLive(),
                      OptionalInt.of(working.applyAsInt(pod)),
                      pod.newBatchThreshold(),
                      pod.throughput()))
              .toList());
    }

    long backlog() {
      int visible = pods.stream().mapToInt(pod -> pod.visible().getAsInt()).max().orElse(0);
      long length = pods.stream().mapToLong(pod -> pod.length().getAsLong()).max().orElse(0);
      long working = pods.stream().mapToLong(pod -> pod.working().getAsInt()).sum();
      return visible < 32 ? visible : Math.max(32, length - working);
    }
  }

  @Test
  void neverNegative() {
    qt().forAll(loads()).checkAssert(load -> assertThat(load.recommended()).isNotNegative());
  }

  @Test
  @DisplayName("The older the oldest message, the more replicas")
  void monotoneInAge() {
    qt().forAll(loads(), integers().between(0, 200_000), integers().between(0, 200_000))
        .checkAssert((load, one, other) ->
            assertThat(load.withAge(Math.min(one, other)).recommended())
                .isLessThanOrEqualTo(load.withAge(Math.max(one, other)).recommended()));
  }

  @Test
  void neverMoreThanThereAreAndWait() {
    qt().forAll(loads())
        .checkAssert(load ->
            assertThat(load.recommended())
                .isLessThanOrEqualTo((int) (load.replicas() + load.backlog())));
  }

  @Test
  void noGrowthWhilePodsCouldTakeMore() {
    qt().forAll(loads())
        .as(Load::withoutSaturation)
        .checkAssert(load -> assertThat(load.recommended()).isLessThanOrEqualTo(load.replicas()));
  }

  @Test
  void nothingChangesBetweenHalfOfTheTargetAndTheTarget() {
    qt().forAll(loads(), integers().between(501, 1000))
        .as((load, thousandths) ->
            load.withoutSaturation().withAge((long) load.targetSeconds() * thousandths))
        .checkAssert(load -> assertThat(load.recommended()).isEqualTo(load.replicas()));
  }

  @Test
  @DisplayName("A message that hangs, was scheduled long ago, or is tried again asks for no more")
  void noGrowthFromOneMessage() {
    var message =
        integers()
            .between(0, 1)
            .zip(
                integers().between(0, 1),
                integers().between(0, 5_000_000),
                (visible, working, age) -> queue(1, visible, age, working, 8, -1));
    qt().forAll(lists().of(message).ofSizeBetween(1, 9), integers().between(1, 9))
        .checkAssert((pods, replicas) ->
            assertThat(new Load(replicas, 30, pods).recommended()).isLessThanOrEqualTo(replicas));
  }

  @Test
  @DisplayName("Fault: only poison in the queue, which was received before and waits for nobody")
  void noGrowthFromPoisonHoweverMuchThereIs() {
    qt().forAll(loads())
        .as(load -> load.withoutWaiting(OptionalInt.of(0)))
        .checkAssert(load -> assertThat(load.recommended()).isLessThanOrEqualTo(load.replicas()));
  }

  @Test
  void podsThatAreFullAreKept() {
    qt().forAll(loads(), integers().between(0, 200_000))
        .as((load, age) ->
            new Load(
                Math.min(load.replicas(), load.pods().size()),
                load.targetSeconds(),
                load.withAge(age).withWork(pod -> MOST_WORK).pods()))
        .checkAssert(
            load -> assertThat(load.recommended()).isGreaterThanOrEqualTo(load.replicas()));
  }

  @Test
  void anAgeThatNobodyKnowsChangesNothing() {
    qt().forAll(loads())
        .as(load -> load.withoutWaiting(OptionalInt.empty()))
        .checkAssert(load -> {
          assertThat(load.recommended()).isEqualTo(load.replicas());
          assertThat(load.law().reason()).isEqualTo(Reason.Unknown);
        });
  }

  @Test
  @DisplayName("The more requests in flight, the more replicas")
  void monotoneInHttpLoad() {
    qt().forAll(
            lists().of(integers().between(0, 5000)).ofSizeBetween(1, 9),
            integers().between(0, 9),
            integers().between(1, 100))
        .checkAssert((inFlight, more, concurrency) -> {
          int less = http(inFlight, concurrency);
          int grown = http(inFlight.stream().map(one -> one + more).toList(), concurrency);
          assertThat(less).isLessThanOrEqualTo(grown);
          double all = inFlight.stream().mapToInt(one -> one).sum() / 10.0;
          assertThat(less).isBetween((int) (all / concurrency), (int) (all / concurrency) + 1);
        });
  }

  @Test
  void boundedByMaxReplicasAndNeverLessThanThereAreWhileAPodIsSilent() {
    qt().forAll(
            loads(),
            integers().between(0, 20),
            integers().between(0, 3),
            integers().between(0, 400))
        .checkAssert((load, maxReplicas, silent, inFlight) -> {
          var scaling = TestGroups.scaling(maxReplicas, load.targetSeconds(), 50);
          var reports =
              load.pods().stream()
                  .map(pod -> TestGroups.report(NOW, List.of(pod), inFlight / 10.0))
                  .toList();
          var seen =
              new Observation(
                  load.replicas(), reports.size() + silent, reports, WakeTimes.NONE, NOW);
          int replicas = ScalingLaw.of(scaling, seen).replicas();
          assertThat(replicas).isBetween(0, maxReplicas);
          if (silent > 0) {
            assertThat(replicas).isGreaterThanOrEqualTo(Math.min(maxReplicas, load.replicas()));
          }
        });
  }

  private static int http(List<Integer> tenths, int concurrency) {
    var inFlight = tenths.stream().map(one -> OptionalDouble.of(one / 10.0)).toList();
    return HttpLaw.of(inFlight, 1, concurrency).replicas();
  }

  private static Gen<Load> loads() {
    Gen<Report.Queue> pods =
        random ->
            queue(
                integers().between(0, 5000).generate(random),
                integers().between(1, 32).generate(random),
                integers().between(0, 200_000).generate(random),
                integers().between(0, MOST_WORK).generate(random),
                integers().between(0, 12).generate(random),
                integers().between(-1, 50).generate(random));
    var pod = lists().of(pods).ofSizeBetween(1, 9);
    return integers()
        .between(1, 20)
        .zip(
            integers().between(1, 100),
            pod,
            (replicas, target, queues) -> new Load(replicas, target, queues));
  }

  private static Report.Queue queue(
      long length, int visible, long age, int working, int newBatchThreshold, int throughput) {
    return new Report.Queue(
        "resize",
        "photos",
        OptionalLong.of(length),
        OptionalInt.of(visible),
        Optional.of(Duration.ofMillis(age)),
        Optional.of(Duration.ofDays(7)),
        OptionalInt.of(working),
        OptionalInt.of(newBatchThreshold),
        throughput < 0 ? OptionalDouble.empty() : OptionalDouble.of(throughput));
  }
}
