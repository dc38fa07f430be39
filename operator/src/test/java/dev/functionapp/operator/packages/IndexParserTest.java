package dev.functionapp.operator.packages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.functionapp.operator.TestApps;
import dev.functionapp.operator.plan.Index;
import dev.functionapp.operator.plan.Trigger;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IndexParserTest {

  private static final String REVISION = "3f9c0a12be";

  private static final Trigger.Connection STORAGE =
      TestApps.connection("AzureWebJobsStorage", Trigger.Connection.Form.CONNECTION_STRING);

  @Test
  void readsTheExampleOfTheContract() throws IOException {
    var index = IndexParser.parse(example().getBytes(StandardCharsets.UTF_8), REVISION);

    assertThat(index.packageDigest().orElseThrow().size()).isEqualTo(48_211);
    assertThat(index.functionTimeoutSeconds()).isEqualTo(OptionalLong.of(1800));
    assertThat(index.routePrefix()).isEqualTo("api");
    assertThat(index.queueConcurrency()).isEqualTo(24);
    assertThat(index.functions())
        .containsExactly(
            new Index.Function(
                "upload",
                false,
                Optional.of(new Trigger.HttpTrigger("photos/{name}", List.of("POST"))),
                Optional.empty()),
            new Index.Function(
                "resize",
                false,
                Optional.of(new Trigger.QueueTrigger("photos", 16, 8, STORAGE)),
                Optional.empty()),
            new Index.Function(
                "nightly",
                false,
                Optional.of(new Trigger.TimerTrigger("0 0 3 * * *", Optional.of("Europe/Berlin"))),
                Optional.empty()),
            new Index.Function(
                "archive",
                false,
                Optional.of(
                    new Trigger.BlobTrigger(
                        "photos/{name}.png",
                        STORAGE,
                        Optional.of(
                            new Trigger.InternalQueue(
                                "azure-webjobs-blobtrigger-7d3c4f0a", 8, STORAGE)))),
                Optional.empty()),
            new Index.Function(
                "broken",
                false,
                Optional.empty(),
                Optional.of(
                    new Index.FunctionError(
                        "FunctionJsonInvalid",
                        "broken/function.json: line 3, column 5: expected ',' or '}'"))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"schemaVersion\": 1 | \"schemaVersion\": 2",
        "\"revision\": \"3f9c0a12be\" | \"revision\": \"0000000000\"",
        "9f86d081 | ../../..",
        "\"size\": 48211 | \"size\": -1",
        "\"batchSize\": 16 | \"batchSize\": -9",
        "\"name\": \"upload\" | \"name\": \"resize\"",
        "\"functions\": [ | \"functions\": 3, \"x\": [",
      })
  void refusesWhatIsNoIndexOfThisRevision(String text, String replacement) {
    var json = example().replace(text, replacement);

    assertThat(json).isNotEqualTo(example());
    assertThatThrownBy(() -> IndexParser.parse(json.getBytes(StandardCharsets.UTF_8), REVISION))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not an index");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "resize | \"queueTrigger\" | \"kafkaTrigger\"",
        "resize | \"queueName\": \"photos\" | \"queueName\": \"a,b\"",
        "resize | \"setting\": \"AzureWebJobsStorage\" | \"setting\": \"A B\"",
        "res,ize | \"name\": \"resize\" | \"name\": \"res,ize\"",
        "nightly | \"schedule\": \"0 0 3 * * *\" | \"schedule\": \" \"",
        "resize | \"photos\", \"batchSize\": 16 | \"photos\", \"batchSize\": 0",
        "archive | \"path\": \"photos/{name}.png\" | \"path\": null",
        "archive | \"setting\": \"AzureWebJobsStorage\" | \"setting\": null",
      })
  void aFunctionThatCannotRunAsItSaysIsBrokenAlone(String name, String text, String replacement)
      throws IOException {
    var json = example().replace(text, replacement);

    var index = IndexParser.parse(json.getBytes(StandardCharsets.UTF_8), REVISION);

    assertThat(index.functions().get(0).error()).isEmpty();
    assertThat(index.functions())
        .filteredOn(function -> function.name().equals(name))
        .singleElement()
        .satisfies(function ->
            assertThat(function.error())
                .hasValueSatisfying(
                    error -> assertThat(error.reason()).isEqualTo("BindingNotSupported")));
  }

  @Test
  void anUnknownTriggerIsNamed() throws IOException {
    var json = example().replace("queueTrigger", "kafkaTrigger");

    var index = IndexParser.parse(json.getBytes(StandardCharsets.UTF_8), REVISION);

    assertThat(index.functions().get(1).error())
        .hasValueSatisfying(error ->
            assertThat(error.message())
                .contains("\"kafkaTrigger\"", "worker image newer than the operator"));
  }

  @Test
  void aFunctionsOwnConcurrencyWins() throws IOException {
    var trigger =
        resize(example().replace("\"photos\", \"batchSize\": 16", "\"photos\", \"batchSize\": 1"));

    assertThat(trigger.concurrency()).isEqualTo(9);
  }

  @Test
  void anIndexOfAnEarlierReleaseIsReadAsItWas() throws IOException {
    var json =
        example()
            .replace(", \"batchSize\": 16, \"newBatchThreshold\": 8, \"conn", ", \"conn")
            .replaceAll(",\\s*\"internalQueue\": \\{[^}]*}}", "");
    assertThat(json).doesNotContain("internalQueue").containsOnlyOnce("batchSize");

    assertThat(resize(json)).isEqualTo(new Trigger.QueueTrigger("photos", 16, 8, STORAGE));
    assertThat(function(json, "archive").trigger())
        .contains(new Trigger.BlobTrigger("photos/{name}.png", STORAGE, Optional.empty()));
  }

  @Test
  void whatAnIdentityIsKnownByIsReadWhereItFits() throws IOException {
    var connection =
        """
        {"setting": "Orders", "form": "Identity", "accountName": "orders1", \
        "endpointSuffix": "core.windows.net", "clientId": "3f2504e0-4f89-11d3-9a0c-0305e82c3301"}\
        """;
    var json = example().replaceFirst("\\{\"setting\"[^}]*}", connection);

    assertThat(resize(json).connection())
        .isEqualTo(
            new Trigger.Connection(
                "Orders",
                Trigger.Connection.Form.IDENTITY,
                Optional.of("orders1"),
                Optional.of("core.windows.net"),
                Optional.of("3f2504e0-4f89-11d3-9a0c-0305e82c3301")));
    var odd =
        json.replace("orders1", "orders.example/")
            .replace("core.windows.net", "example:80/")
            .replace("3f2504e0", "../");
    assertThat(resize(odd).connection())
        .isEqualTo(TestApps.connection("Orders", Trigger.Connection.Form.IDENTITY));
  }

  private static Trigger.QueueTrigger resize(String json) throws IOException {
    return (Trigger.QueueTrigger) function(json, "resize").trigger().orElseThrow();
  }

  private static Index.Function function(String json, String name) throws IOException {
    return IndexParser.parse(json.getBytes(StandardCharsets.UTF_8), REVISION).functions().stream()
        .filter(function -> function.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static String example() {
    try (var stream = IndexParserTest.class.getResourceAsStream("/index.json")) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
