package dev.functionapp.operator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.TestApps;
import dev.functionapp.operator.plan.Trigger.Connection;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the status shows of a trigger in {@code functions[].target}, and what KEDA can read. */
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
  void kedaIsSentWithAnIdentityToAzureAlone() {
    assertThat(identity(Optional.empty(), Optional.empty()).unreadable())
        .hasValueSatisfying(reason -> assertThat(reason).contains("set Orders__accountName"));
    assertThat(identity(Optional.of("orders1"), Optional.of("storage.example")).unreadable())
        .hasValueSatisfying(
            reason -> assertThat(reason).contains("\"storage.example\"", "core.usgovcloudapi.net"));
    assertThat(identity(Optional.of("orders1"), Optional.empty()).unreadable()).isEmpty();
    assertThat(identity(Optional.of("orders1"), Optional.of("core.windows.net")).unreadable())
        .isEmpty();
    assertThat(TestApps.connection("Orders", Connection.Form.CONNECTION_STRING).unreadable())
        .isEmpty();
  }

  private static Connection identity(
      Optional<String> accountName, Optional<String> endpointSuffix) {
    return new Connection(
        "Orders", Connection.Form.IDENTITY, accountName, endpointSuffix, Optional.empty());
  }

  @Test
  void queueAndBlobShowWhatTheyListenTo() {
    assertThat(TestApps.queue("resize").trigger().orElseThrow().target()).isEqualTo("photos");
    assertThat(TestApps.blob("archive").trigger().orElseThrow().target())
        .isEqualTo("photos/{name}.png");
  }
}
