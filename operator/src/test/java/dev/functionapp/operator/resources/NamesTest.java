package dev.functionapp.operator.resources;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamesTest {

  @ParameterizedTest
  @CsvSource({
    // The same text once app and purpose are put together.
    "a, b-http, a-b, http",
    "a, queue-x, a-queue, x",
    // The same slug once case and underscores are gone.
    "app, queue-Resize_A, app, queue-resize-a",
    "app, queue-resize_a, app, queue-resize-a",
    // The same text once it is cut.
    "app, settings/1111111111, app, settings/2222222222",
  })
  void differentPurposesNeverMeet(String app, String purpose, String otherApp, String other) {
    assertThat(Names.of(app, purpose)).isNotEqualTo(Names.of(otherApp, other));
  }

  @Test
  void longFunctionNamesThatDifferAtTheEndNeverMeet() {
    var name = "x".repeat(127);

    assertThat(Names.of("app", "queue-" + name + "a"))
        .isNotEqualTo(Names.of("app", "queue-" + name + "b"));
  }

  @Test
  void everyNameIsADnsLabelThatLeavesRoomForKeda() {
    var apps = Stream.of("a", "orders", "x".repeat(50), "a-" + "b-".repeat(23) + "c");
    var purposes =
        Stream.of("http", "queue-Resize_A", "queue-" + "_".repeat(100), "prepare/0123456789")
            .toList();

    assertThat(apps.flatMap(app -> purposes.stream().map(purpose -> Names.of(app, purpose))))
        .allSatisfy(name -> {
          assertThat(name).hasSizeLessThanOrEqualTo(54);
          assertThat(name).matches("[a-z]([-a-z0-9]*[a-z0-9])?");
          assertThat("keda-hpa-" + name).hasSizeLessThanOrEqualTo(63);
        });
  }

  @Test
  void namesTellAppAndPurpose() {
    assertThat(Names.of("orders", "queue-Resize_A")).matches("orders-queue-resize-a-[0-9a-f]{8}");
    assertThat(Names.of("orders", "prepare/0123456789")).matches("orders-prepare-[0-9a-f]{8}");
  }
}
