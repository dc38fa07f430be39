package dev.functionapp.operator.scaling;

import dev.functionapp.operator.scaling.Recommendation.Reason;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * How many replicas the age of a queue's messages asks for. The rules and why they are so are in
 * docs/architecture.md, "The law".
 */
final class QueueLaw {

  /** A worker looks no further: as many that wait, or more. */
  static final int PEEKED = 32;

  /** Of the target, so that what arrives meanwhile is done in time as well. */
  private static final double DRAIN_SHARE = 0.7;

  private static final double MAX_GROWTH = 2;

  private final String function;
  private final Collection<Report.Queue> pods;
  private final int replicas;
  private final Duration target;

  private QueueLaw(String function, Collection<Report.Queue> pods, int replicas, Duration target) {
    this.function = function;
    this.pods = pods;
    this.replicas = replicas;
    this.target = target;
  }

  /**
   * The replicas that a function's messages ask for.
   *
   * @param pods what each pod that answered says of the function
   * @param replicas those that there are to be now
   * @param target how old the oldest waiting message may get
   */
  static Recommendation of(
      String function, List<Report.Queue> pods, int replicas, Duration target) {
    var lifetime = pods.stream().flatMap(pod -> pod.timeToLive().stream()).min(Duration::compareTo);
    var reachable = lifetime.map(life -> life.dividedBy(2)).filter(half -> half.isPositive());
    return new QueueLaw(
            function,
            pods,
            replicas,
            reachable.filter(half -> half.compareTo(target) < 0).orElse(target))
        .recommend();
  }

  /** Keeps those that there are to be, because no pod says anything of the messages. */
  static Recommendation notKnown(String function, int replicas) {
    return new Recommendation(
        replicas, Reason.Unknown, function + ": how long its messages wait is not known");
  }

  private Recommendation recommend() {
    if (pods.isEmpty()) {
      return Recommendation.idle();
    }
    var age = age();
    if (age.isEmpty()) {
      return notKnown(function, replicas);
    }
    return of(seconds(age.get()), seconds(target));
  }

  private Recommendation of(double age, double limit) {
    if (age > limit && mostAreSaturated()) {
      int more = ceil(pods.size() * Math.min(MAX_GROWTH, age / limit));
      return grow(
          Math.max(more, toDrain(limit)),
          "%s: oldest message %s > %s".formatted(function, text(age), text(limit)));
    }
    if (age > limit / 4 && mostAreSaturated() && toDrain(limit) > replicas) {
      return grow(
          toDrain(limit),
          "%s: %d messages wait, oldest %s of %s"
              .formatted(function, backlog(), text(age), text(limit)));
    }
    if (age > limit / 2 || (age > limit / 4 && mostAreSaturated())) {
      return new Recommendation(
          replicas,
          Reason.MessageAge,
          "%s: oldest message %s of %s".formatted(function, text(age), text(limit)));
    }
    return new Recommendation(
        Math.min(replicas, enoughForWork()),
        Reason.MessageAge,
        "%s: works on %d messages".formatted(function, working()));
  }

  private Recommendation grow(int wanted, String message) {
    long most = Math.min(Integer.MAX_VALUE, replicas + backlog());
    return new Recommendation(
        (int) Math.min(most, Math.max(replicas, wanted)), Reason.MessageAge, message);
  }

  /**
   * Each pod says the earliest moment from which the message can have been waiting, so the smallest
   * age comes from the pod that knows most.
   */
  private Optional<Duration> age() {
    return pods.stream()
        .map(pod ->
            pod.visible().equals(OptionalInt.of(0))
                ? Optional.of(Duration.ZERO)
                : pod.oldestMessageAge())
        .flatMap(Optional::stream)
        .min(Duration::compareTo);
  }

  private boolean mostAreSaturated() {
    long saturated =
        pods.stream()
            .filter(pod -> pod.working().isPresent() && pod.newBatchThreshold().isPresent())
            .filter(pod -> pod.working().getAsInt() > pod.newBatchThreshold().getAsInt())
            .count();
    return saturated * 2 > pods.size();
  }

  /** Those that drain the backlog within the target, or 0 where nobody can tell. */
  private int toDrain(double limit) {
    var rate =
        pods.stream()
            .map(Report.Queue::throughput)
            .flatMapToDouble(OptionalDouble::stream)
            .filter(throughput -> throughput > 0)
            .average();
    return rate.isPresent() ? ceil(backlog() / (rate.getAsDouble() * DRAIN_SHARE * limit)) : 0;
  }

  private long backlog() {
    int seen = largest(Report.Queue::visible);
    long length =
        pods.stream().map(Report.Queue::length).flatMapToLong(OptionalLong::stream).max().orElse(0);
    return seen < PEEKED ? seen : Math.max(seen, length - working());
  }

  private long working() {
    return pods.stream()
        .map(Report.Queue::working)
        .flatMapToInt(OptionalInt::stream)
        .asLongStream()
        .sum();
  }

  /** As many as are saturated by what is being worked on. */
  private int enoughForWork() {
    int threshold = largest(Report.Queue::newBatchThreshold);
    return ceil((double) working() / (threshold + 1));
  }

  private int largest(Function<Report.Queue, OptionalInt> number) {
    return pods.stream().map(number).flatMapToInt(OptionalInt::stream).max().orElse(0);
  }

  private static int ceil(double number) {
    return (int) Math.min(Integer.MAX_VALUE, Math.ceil(number));
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }

  private static String text(double seconds) {
    return seconds >= 10 || seconds == Math.rint(seconds)
        ? "%d s".formatted(Math.round(seconds))
        : String.format(Locale.ROOT, "%.1f s", seconds);
  }
}
