package dev.functionapp.operator.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is kept with a revision has to fit into one object. */
class SettingsSizeTest {

  private static final Map<String, Object> SECRET = Map.of("secret", "db");

  @Test
  void whatFitsIsTaken() {
    assertThatNoException()
        .isThrownBy(() ->
            SettingsSize.check(
                Map.of("A", "1"), List.of(configMap("large", 1_000_000), SECRET), List.of()));
  }

  @Test
  void whatDoesNotFitTogetherIsRefusedWithWhatTakesMost() {
    assertThatExceptionOfType(InvalidInput.class)
        .isThrownBy(() ->
            SettingsSize.check(
                Map.of("A", "1"),
                List.of(configMap("small", 10), configMap("one", 600_000), SECRET),
                List.of(Map.of("name", "TEXT", "value", "x".repeat(500_000)))))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.SettingsTooLarge))
        .withMessageContaining("and 1048576 is the most")
        .withMessageContaining("the ConfigMap \"one\" 600")
        .withMessageContaining("spec.env \"TEXT\" 500")
        .withMessageNotContaining("xxx");
  }

  @Test
  void bytesCountAndNotCharacters() {
    assertThatExceptionOfType(InvalidInput.class)
        .isThrownBy(
            () -> SettingsSize.check(Map.of("A", "€".repeat(400_000)), List.of(), List.of()));
  }

  private static Map<String, Object> configMap(String name, int length) {
    return Map.of("configMap", name, "data", Map.of("KEY", "x".repeat(length)));
  }
}
