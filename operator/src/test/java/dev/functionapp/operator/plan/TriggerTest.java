package dev.functionapp.operator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.TestApps;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the status shows of a trigger in {@code functions[].target}. */
class TriggerTest {

  @Test
  void httpShowsMethodsAndRoute() {
    assertThat(new Trigger.HttpTrigger("a/{b}", List.of("GET", "POST")).target())
        .isEqualTo("GET,POST a/{b}");
    assertThat(new Trigger.HttpTrigger("a", List.of()).target()).isEqualTo("* a");
  }

  @Test
  void aTimerShowsItsScheduleAndTheZoneThatItIsReadIn() {
    assertThat(new Trigger.TimerTrigger("0 0 3 * * *", Optional.of("Europe/Berlin")).target())
        .isEqualTo("0 0 3 * * * Europe/Berlin");
    assertThat(new Trigger.TimerTrigger("01:00:00", Optional.empty()).target())
        .isEqualTo("01:00:00");
  }

  @Test
  void queueAndBlobShowWhatTheyListenTo() {
    assertThat(TestApps.queue("resize").trigger().orElseThrow().target()).isEqualTo("photos");
    assertThat(TestApps.blob("archive").trigger().orElseThrow().target())
        .isEqualTo("photos/{name}.png");
  }
}
