package dev.functionapp.operator.scaling;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The annotation of a Deployment, as the operator writes it and as the endpoint reads it. */
class GroupScalingTest {

  @Test
  void ageOfMessages() throws IOException {
    var scaling = written("queue-with-age");

    assertThat(scaling.demand().messageAge()).contains(Duration.ofSeconds(30));
    assertThat(scaling.functions("queueTrigger")).containsExactly("resize");
    assertThat(scaling.timers()).isEmpty();
    assertThat(scaling.maxReplicas()).isEqualTo(20);
    assertThat(scaling.revision()).isEqualTo(TestGroups.REVISION);
  }

  @Test
  void httpLoad() throws IOException {
    assertThat(written("http").demand().httpConcurrency()).isPresent();
  }

  @Test
  void timersWithTheirLead() throws IOException {
    var scaling = written("timer");

    assertThat(scaling.timers()).containsExactly("nightly");
    assertThat(scaling.demand().timerLead()).isPresent();
    assertThat(scaling.scans()).isFalse();
  }

  @Test
  void scansForBlobs() throws IOException {
    var scaling = written("blob-with-scan-interval");

    assertThat(scaling.scans()).isTrue();
    assertThat(scaling.demand().scanInterval()).contains(Duration.ofMinutes(5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "[]", "nonsense", "{\"maxReplicas\": \"many\"}"})
  void anythingElseIsNoAnnotation(String text) {
    assertThat(GroupScaling.parse(text)).isEmpty();
  }

  @Test
  void valuesThatMakeNoSenseTakeNoPart() {
    var scaling =
        GroupScaling.parse(
                """
                {"minReplicas": -3, "maxReplicas": 5, "messageAgeSeconds": 0, "httpConcurrency": -1,
                 "timerLeadSeconds": "soon", "scanIntervalSeconds": -5}
                """)
            .orElseThrow();

    assertThat(scaling.minReplicas()).isZero();
    assertThat(scaling.demand().messageAge()).isEmpty();
    assertThat(scaling.demand().httpConcurrency()).isEmpty();
    assertThat(scaling.demand().timerLead()).isEmpty();
    assertThat(scaling.demand().scanInterval()).isEmpty();
  }

  /** What stands in the objects that are expected of the operator. */
  private static GroupScaling written(String group) throws IOException {
    var objects =
        new ObjectMapper(new YAMLFactory())
            .readTree(Path.of("src/test/resources/scaling/" + group + ".yaml").toFile());
    return GroupScaling.parse(
            objects.path("annotations").path("functionapp.dev/scaling").textValue())
        .orElseThrow();
  }
}
