package dev.functionapp.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.plan.Reason;
import dev.functionapp.operator.status.KedaSigns.Renewal;
import dev.functionapp.v1alpha1.functionappstatus.Conditions;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KedaLivenessTest {

  private static final Optional<Conditions> NOTHING_SAID = Optional.empty();

  /**
   * Each letter is a look: R renewed since the one before, S not renewed, U the metrics API is not
   * available, B neither, N there is no Lease, M that and no metrics API, - no answer. Afterwards:
   * works, fault, or ? while that is not decided.
   */
  @ParameterizedTest
  @CsvSource({
    "'', ?",
    // The first look shows no renewal: there is nothing to compare with.
    "R, ?",
    "RR, ?",
    "RRR, works",
    "RSS, ?",
    "RSSS, fault",
    "RRRSS, works",
    "RRRSSS, fault",
    "RRRUUU, works",
    "RRRUUUU, fault",
    // Both ended between two looks.
    "RRRUBB, works",
    "RRRUBBB, fault",
    // Neither pods that are replaced nor single looks that failed.
    "RRRSSRSSR, works",
    "RRRUUURUUUR, works",
    // It has to work twice in a row.
    "RRRSSSR, fault",
    "RRRSSSRR, works",
    "RRRSSSRSRSR, fault",
    "RRRUBBBUUUU, fault",
    "RRRUBBBUURR, works",
    // What no answer was had to is no silence.
    "RRRSS-SSS, works",
    "RRRSS-SSSS, fault",
    "RRRUUU-UUU, works",
    "RRRSSS---, fault",
    "--------, ?",
    // A KEDA that elects no leader.
    "NN, works",
    "NNNNNN, works",
    "MMMM, fault",
    "RRRSSSNN, works",
  })
  void isDecidedByLooksInARow(String looks, String expected) {
    var liveness = after(looks, 15);

    assertThat(liveness.decided()).isEqualTo(!expected.equals("?"));
    assertThat(liveness.fault(NOTHING_SAID).isPresent()).isEqualTo(expected.equals("fault"));
  }

  /** KEDA_OPERATOR_LEADER_ELECTION_LEASE_DURATION. */
  @ParameterizedTest
  @CsvSource({"60, RRRSSSSSSS, false", "60, RRRSSSSSSSS, true", "1, RRRSS, false"})
  void aLeaseThatLastsLongerMayBeSilentForLonger(int seconds, String looks, boolean fault) {
    assertThat(after(looks, seconds).fault(NOTHING_SAID).isPresent()).isEqualTo(fault);
  }

  @Test
  void saysWhatIsWrongSinceWhenAndWhereToLook() {
    assertThat(after("RRRSSS", 15).fault(NOTHING_SAID))
        .contains(
            "KEDA is installed but does not work, so replicas stay as they are: its operator has"
                + " not renewed its Lease since 2026-11-21T12:00:06Z; look at its pods and what"
                + " they log (kubectl get pods --namespace keda)");
    assertThat(after("RRRUUUU", 15).fault(NOTHING_SAID).orElseThrow())
        .contains(
            "groups that are awake get no more replicas:",
            "its metrics server is not registered",
            "--namespace keda")
        .doesNotContain("Lease");
    assertThat(after("RRRUBBB", 15).fault(NOTHING_SAID).orElseThrow())
        .contains("since 2026-11-21T12:00:08Z, and the API");
  }

  @Test
  void theWordsStayWhileNothingChanges() {
    assertThat(after("RRRSSS", 15).fault(NOTHING_SAID))
        .isEqualTo(after("RRRSSSSSSSSSS", 15).fault(NOTHING_SAID))
        .isEqualTo(after("RRRSSS-SSR", 15).fault(NOTHING_SAID));
  }

  @Test
  void untilAnOperatorThatHasStartedKnowsWhatWasSaidHolds() {
    var fault = condition(Reason.KedaUnavailable, "its operator is silent");
    var other = condition(Reason.KedaPending, "not yet");

    assertThat(after("RSS", 15).fault(fault)).contains("its operator is silent");
    assertThat(after("RSS", 15).fault(other)).isEmpty();
    assertThat(after("RRR", 15).fault(fault)).isEmpty();
  }

  private static Optional<Conditions> condition(Reason reason, String message) {
    var condition = new Conditions();
    condition.setReason(reason.name());
    condition.setMessage(message);
    return Optional.of(condition);
  }

  private static KedaLiveness after(String looks, int leaseSeconds) {
    var liveness = KedaLiveness.UNDECIDED;
    var at = Instant.parse("2026-11-21T12:00:00Z");
    for (int i = 0; i < looks.length(); i++) {
      char look = looks.charAt(i);
      if (look == '-') {
        liveness = liveness.unanswered();
        continue;
      }
      if (look == 'R' || look == 'U') {
        at = at.plusSeconds(2);
      }
      boolean lease = "RSUB".indexOf(look) >= 0;
      boolean metrics = "RSN".indexOf(look) >= 0;
      liveness =
          liveness.look(
              new KedaSigns(
                  Optional.of("keda"),
                  metrics ? Optional.empty() : Optional.of("is not registered"),
                  lease
                      ? Optional.of(new Renewal(at, Duration.ofSeconds(leaseSeconds)))
                      : Optional.empty()));
    }
    return liveness;
  }
}
