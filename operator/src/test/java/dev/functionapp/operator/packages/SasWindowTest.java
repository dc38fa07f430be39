package dev.functionapp.operator.packages;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SasWindowTest {

  @ParameterizedTest
  @CsvSource({
    "2026-01-01T00:00:00Z, 2026-01-01T06:00:00Z",
    "2026-01-01T00:00:00.001Z, 2026-01-01T12:00:00Z",
    "2026-01-01T05:59:59Z, 2026-01-01T12:00:00Z",
    "2026-01-01T06:00:00Z, 2026-01-01T12:00:00Z",
    "2026-01-01T06:00:01Z, 2026-01-01T18:00:00Z",
    "2026-12-31T23:00:00Z, 2027-01-01T06:00:00Z",
  })
  void endsAtTheFirstMultipleThatIsAHalfLifeAhead(Instant now, Instant expiry) {
    assertThat(SasWindow.expiry(now)).isEqualTo(expiry);
  }
}
