package dev.functionapp.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.functionapp.v1alpha1.FunctionApp;
import dev.functionapp.v1alpha1.functionappstatus.Conditions;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The conditions in every state that an app can be in, and what GitOps tools make of them. Each
 * state's FunctionApp is in {@code status/<state>.json}, for the tests of those tools; with the
 * system property {@code golden.write} the files are written anew, to be read before they are
 * committed.
 */
@DisplayName("The health of an app can be read by tools")
class StatusTruthTableTest {

  private static final Path FOLDER = Path.of("src/test/resources/status");
  private static final boolean WRITE = Boolean.getBoolean("golden.write");
  private static final KubernetesSerialization KUBERNETES = new KubernetesSerialization();
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .build();

  static Stream<AppState> states() {
    return AppStates.all();
  }

  @ParameterizedTest
  @MethodSource("states")
  void conditionsAreAsTheTableSays(AppState state) {
    assertThat(letters(state.app())).isEqualTo(state.conditions());
  }

  @ParameterizedTest
  @MethodSource("states")
  void theFunctionAppIsAsWritten(AppState state) throws IOException {
    var tree = JSON.readValue(KUBERNETES.asJson(state.app()), Object.class);
    assertWritten(FOLDER.resolve(state.name() + ".json"), JSON.writeValueAsString(tree) + "\n");
  }

  @Test
  void whatToolsMakeOfEachStateIsAsWrittenAndNothingElseIs() throws IOException {
    var expected = new TreeMap<String, Map<String, String>>();
    states()
        .forEach(state ->
            expected.put(
                state.name(),
                new TreeMap<>(Map.of("kstatus", state.kstatus(), "argocd", state.argocd()))));
    assertWritten(FOLDER.resolve("expected.json"), JSON.writeValueAsString(expected) + "\n");

    try (var files = Files.list(FOLDER)) {
      assertThat(files.map(file -> file.getFileName().toString().replace(".json", "")))
          .containsExactlyInAnyOrderElementsOf(
              Stream.concat(expected.keySet().stream(), Stream.of("expected")).toList());
    }
  }

  /**
   * True, False or Unknown of each condition in the order of {@link AppState#conditions}; the last
   * is there only where hostnames are asked for.
   */
  static String letters(FunctionApp app) {
    return Stream.of(
            "Ready",
            "PackageReady",
            "FunctionsLoaded",
            "Available",
            "ScalingReady",
            "Reconciling",
            "Stalled",
            "Exposed")
        .map(type -> letter(app, type))
        .collect(Collectors.joining(" "))
        .replaceFirst(" -$", "");
  }

  private static String letter(FunctionApp app, String type) {
    return Optional.ofNullable(app.getStatus().getConditions()).stream()
        .flatMap(conditions -> ConditionMerge.find(conditions, type).stream())
        .map(Conditions::getStatus)
        .map(status -> status.getValue().substring(0, 1))
        .findFirst()
        .orElse("-");
  }

  private static void assertWritten(Path file, String content) throws IOException {
    if (WRITE) {
      Files.createDirectories(FOLDER);
      Files.writeString(file, content);
    }
    assertThat(file).hasContent(content);
  }
}
