package dev.functionapp.operator.scaling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.plan.Group;
import dev.functionapp.operator.plan.Trigger;
import dev.functionapp.operator.scaling.Recommendation.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What {@code status.groups[]} says of why there are as many replicas. */
@DisplayName("An app says why it has as many replicas as it has")
class ExplanationTest {

  private static final int PEEKED = 32;
  private static final Instant NOW = Instant.parse("2026-11-21T02:00:00Z");

  @Test
  void byLength() {
    assertThat(explain(0, 20, 4, 4, busy(90, 32, 5)))
        .isEqualTo(
            new Recommendation(4, Reason.QueueLength, "resize: 90 messages, 24 for each replica"));
  }

  @Test
  void byAge() {
    assertThat(explain(0, 20, 4, 2, busy(40, 32, 48)))
        .isEqualTo(new Recommendation(4, Reason.MessageAge, "resize: oldest message 48 s > 30 s"));
  }

  @Test
  void cappedByMaxReplicas() {
    assertThat(explain(0, 3, 3, 3, busy(900, 32, 5)).message())
        .isEqualTo("resize: 900 messages, 24 for each replica; capped by maxReplicas 3");
  }

  @Test
  void atTheMinimum() {
    assertThat(explain(2, 20, 2, 2, busy(0, 0, 0)))
        .isEqualTo(new Recommendation(2, Reason.Minimum, "minReplicas 2"));
  }

  @Test
  void asleep() {
    var wake =
        new WakeTimes(
            TestGroups.REVISION,
            new TreeMap<>(Map.of("nightly", Instant.parse("2026-11-21T03:00:00Z"))));
    var scaled = scaled(0, 1);
    var seen = new Observation(0, 0, List.of(), wake, NOW);

    assertThat(Explanation.of(scaled, Optional.of(TestGroups.timer()), seen))
        .isEqualTo(
            new Recommendation(
                0, Reason.Idle, "nothing to do until nightly at 2026-11-21T03:00:00Z"));
    assertThat(Explanation.of(scaled, Optional.empty(), seen).message()).isEqualTo("nothing to do");
  }

  @Test
  void afterTheWorkIsDone() {
    assertThat(explain(0, 20, 3, 3, busy(0, 0, 0)))
        .isEqualTo(
            new Recommendation(
                3, Reason.Idle, "nothing to do; scales in after the cooldown period"));
    assertThat(explain(0, 20, 3, 3, busy(30, 6, 1)).message())
        .isEqualTo(
            "resize: 30 messages, 24 for each replica; more than the 2 that this takes, until the"
                + " cooldown period is over");
  }

  @Test
  void wokenAndNotReadyYet() {
    assertThat(explain(0, 20, 1, 0, busy(0, 0, 0)))
        .isEqualTo(
            new Recommendation(1, Reason.Waking, "messages wait, and the first replica starts"));
  }

  @Test
  void silent() {
    var seen = new Observation(2, 2, List.of(), WakeTimes.NONE, NOW);

    assertThat(Explanation.of(scaled(0, 20), Optional.of(byAge(20)), seen))
        .isEqualTo(new Recommendation(2, Reason.Unknown, "2 replicas are ready, and none reports"));
  }

  private static Recommendation explain(
      int minReplicas, int maxReplicas, int replicas, int ready, Report.Queue queue) {
    var reports = Collections.nCopies(ready, TestGroups.report(NOW, List.of(queue), 0));
    var seen = new Observation(replicas, ready, reports, WakeTimes.NONE, NOW);
    return Explanation.of(scaled(minReplicas, maxReplicas), Optional.of(byAge(maxReplicas)), seen);
  }

  private static GroupScaling byAge(int maxReplicas) {
    return TestGroups.scaling(maxReplicas, 30, 50);
  }

  private static Group.Scaled scaled(int minReplicas, int maxReplicas) {
    return new Group.Scaled(
        minReplicas,
        maxReplicas,
        Duration.ofSeconds(30),
        Duration.ofMinutes(5),
        false,
        List.of(
            new Group.QueueLength(
                "resize",
                "photos",
                24,
                new Trigger.Connection(
                    "AzureWebJobsStorage",
                    Trigger.Connection.Form.CONNECTION_STRING,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty()))),
        Optional.empty());
  }

  /** A pod that is full where many messages wait. */
  private static Report.Queue busy(long length, int visible, long age) {
    return new Report.Queue(
        "resize",
        "photos",
        OptionalLong.of(length),
        OptionalInt.of(visible),
        Optional.of(Duration.ofSeconds(age)),
        Optional.empty(),
        OptionalInt.of(visible == PEEKED ? 9 : Math.min(visible, 1)),
        OptionalInt.of(8),
        OptionalDouble.empty());
  }
}
