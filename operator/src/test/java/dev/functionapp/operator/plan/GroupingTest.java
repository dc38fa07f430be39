package dev.functionapp.operator.plan;

import static dev.functionapp.operator.TestApps.blob;
import static dev.functionapp.operator.TestApps.http;
import static dev.functionapp.operator.TestApps.queue;
import static dev.functionapp.operator.TestApps.scaling;
import static dev.functionapp.operator.TestApps.timer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which functions share a Deployment, of an app with two of each trigger. */
class GroupingTest {

  private static final SortedMap<String, Trigger> FUNCTIONS =
      Stream.of(
              http("get"),
              http("upload"),
              timer("hourly"),
              timer("nightly"),
              blob("archive"),
              blob("import"),
              queue("mail"),
              queue("resize"))
          .collect(
              Collectors.toMap(
                  Index.Function::name,
                  function -> function.trigger().orElseThrow(),
                  (one, other) -> one,
                  TreeMap::new));

  static Stream<Arguments> arrangements() {
    return Stream.of(
        arguments(
            "as usual",
            Map.of(),
            "http: get upload, timer: hourly nightly, blob: archive import, queue-mail: mail,"
                + " queue-resize: resize"),
        arguments(
            "queues joined",
            Map.of("work", List.of("resize", "mail")),
            "http: get upload, timer: hourly nightly, blob: archive import, work: mail resize"),
        arguments(
            "timers apart",
            Map.of("night", List.of("nightly")),
            "http: get upload, timer: hourly, blob: archive import, night: nightly, queue-mail:"
                + " mail, queue-resize: resize"),
        arguments(
            "all in one",
            Map.of("all", List.copyOf(FUNCTIONS.keySet())),
            "all: archive get hourly import mail nightly resize upload"),
        arguments(
            "HTTP with a queue",
            Map.of("web", List.of("upload", "get", "mail")),
            "timer: hourly nightly, blob: archive import, queue-resize: resize, web: get mail"
                + " upload"),
        arguments(
            "of a function that there is not",
            Map.of("nobody", List.of("nothing")),
            "http: get upload, timer: hourly nightly, blob: archive import, queue-mail: mail,"
                + " queue-resize: resize"),
        arguments(
            "HTTP in two",
            Map.of("web", List.of("upload")),
            "spec.groups: the HTTP functions are in several groups (http: get; web: upload), and"
                + " must be in one, because one Service leads to them: name all of them in one"
                + " entry, or none"),
        arguments(
            "blobs in two",
            Map.of("one", List.of("archive"), "two", List.of("import")),
            "spec.groups: the blob-triggered functions are in several groups (one: archive; two:"
                + " import), and must be in one, because they share one internal queue: name all of"
                + " them in one entry, or none"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("arrangements")
  void functionsAreGroupedAsAskedFor(
      String what, Map<String, List<String>> asked, String expected) {
    var nothing = new ComputeResources(new TreeMap<>(), new TreeMap<>());
    var specs =
        asked.entrySet().stream()
            .map(entry -> new GroupSpec(entry.getKey(), entry.getValue(), nothing, scaling(0)))
            .toList();

    var text =
        switch (Grouping.of(specs, FUNCTIONS)) {
          case Grouping.Invalid(var message) -> message;
          case Grouping.Grouped(var groups) ->
              groups.stream()
                  .map(group -> group.name() + ": " + String.join(" ", group.functions().keySet()))
                  .collect(Collectors.joining(", "));
        };

    assertThat(text).isEqualTo(expected);
  }
}
