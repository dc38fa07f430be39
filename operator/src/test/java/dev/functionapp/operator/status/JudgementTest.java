package dev.functionapp.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.AppSpecBuilder;
import dev.functionapp.operator.TestApps;
import dev.functionapp.operator.plan.AppSpec;
import dev.functionapp.operator.plan.PastRevision;
import dev.functionapp.operator.plan.Reason;
import dev.functionapp.operator.plan.Rollout;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("When a revision is ready, and when it has failed")
class JudgementTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final AppSpec SPEC = asked(Duration.ofMinutes(90), 5, Optional.empty());
  private static final GroupProof PROVEN = new GroupProof.Proven();
  private static final GroupProof ASLEEP = new GroupProof.Asleep();
  private static final GroupProof PENDING = new GroupProof.Pending(Optional.empty());
  private static final GroupProof MISSED = new GroupProof.Missed("group http: no pod");
  private static final PastRevision NEW =
      new PastRevision(
          "new",
          2,
          "inline@1",
          "key",
          Optional.empty(),
          NOW.minusSeconds(100),
          Optional.empty(),
          new TreeSet<>(),
          Optional.empty());

  @Test
  void itIsReadyWhenEveryGroupHasProvenItOrSleeps() {
    var judged = judge(NEW, Map.of("http", PROVEN, "queue-resize", ASLEEP));

    assertThat(judged.readyAt()).contains(NOW);
    assertThat(judged.provenGroups()).containsExactly("http");
  }

  @Test
  void itIsNotReadyWhileAGroupHasStillToProveIt() {
    var judged = judge(NEW, Map.of("http", PROVEN, "queue-resize", PENDING));

    assertThat(judged.readyAt()).isEmpty();
    assertThat(judged.provenGroups()).containsExactly("http");
  }

  @Test
  void oneGroupThatMissesTheDeadlineIsEnoughToGiveItUp() {
    var judged = judge(NEW.ready(NOW), Map.of("http", MISSED, "queue-resize", PROVEN));

    assertThat(judged.isGood()).isFalse();
    assertThat(judged.readyAt()).isEmpty();
    assertThat(judged.hasFailedFor(SPEC.attempt())).isTrue();
    assertThat(judged.failure().orElseThrow().message())
        .isEqualTo("revision new was not ready within 1h30m: group http: no pod");
  }

  @Test
  void anotherDeadlineOrAnotherRequestIsAnotherTry() {
    var judged = judge(NEW, Map.of("http", MISSED));

    var longer = asked(Duration.ofHours(2), 5, Optional.empty());
    var asked = asked(Duration.ofMinutes(90), 5, Optional.of("1"));
    var kept = asked(Duration.ofMinutes(90), 50, Optional.empty());
    assertThat(judged.hasFailedFor(longer.attempt())).isFalse();
    assertThat(judged.hasFailedFor(asked.attempt())).isFalse();
    assertThat(judged.hasFailedFor(kept.attempt())).isTrue();
  }

  @Test
  void oneThatHasFailedHealsWhenItsPodsBecomeReadyButNotBySleeping() {
    var failed = judge(NEW, Map.of("http", MISSED));

    assertThat(judge(failed, Map.of("http", ASLEEP)).isGood()).isFalse();
    assertThat(judge(failed, Map.of("http", PROVEN)).isGood()).isTrue();
  }

  @Test
  void theTimeWhenItBecameReadyStays() {
    var ready = judge(NEW, Map.of("http", PROVEN));

    var later = Judgement.of(ready, Map.of("http", PROVEN), SPEC, NOW.plusSeconds(60));

    assertThat(later.revision()).isEqualTo(ready);
  }

  @Test
  void itIsLookedAtAgainWhenTheFirstDeadlineEnds() {
    var sooner = new GroupProof.Pending(Optional.of(NOW.plusSeconds(5)));
    var later = new GroupProof.Pending(Optional.of(NOW.plusSeconds(9)));

    var judged = Judgement.of(NEW, Map.of("a", later, "b", sooner, "c", PENDING), SPEC, NOW);

    assertThat(judged.until()).contains(NOW.plusSeconds(5));
  }

  private static PastRevision judge(PastRevision past, Map<String, GroupProof> groups) {
    var judged = Judgement.of(past, groups, SPEC, NOW).revision();
    judged.failure().ifPresent(why -> assertThat(why.reason()).isNotEqualTo(Reason.Ready));
    return judged;
  }

  private static AppSpec asked(Duration deadline, int limit, Optional<String> reconcileAt) {
    var spec =
        AppSpecBuilder.from(TestApps.spec())
            .rollout(new Rollout(deadline, limit, Optional.empty()));
    reconcileAt.ifPresent(spec::reconcileAt);
    return spec.build();
  }
}
