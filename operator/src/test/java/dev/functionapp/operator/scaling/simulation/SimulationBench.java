package dev.functionapp.operator.scaling.simulation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Writes what the docs show: a picture for each trace, and a table. Run by hand, by its name. */
class SimulationBench {

  private static final Path FOLDER = Path.of("../target/bench/scaling-simulation");
  private static final double AGE = 30;

  @Test
  void write() throws IOException {
    Files.createDirectories(FOLDER);
    var table = new StringBuilder(row("load", "policy", "wait p50", "wait p95", "most replicas"));
    table.setLength(table.length() - 1);
    table.append(" pod-hours | changes of replicas |\n|---|---|---|---|---|---|---|\n");
    for (var trace : traces()) {
      var shown = new ArrayList<Result>();
      int length = trace.world().concurrency();
      for (var policy : policies(length)) {
        var result = Simulation.run(trace.world(), policy, trace);
        append(table, trace, result);
        if (policy.equals(Policy.length(length))
            || policy.equals(Policy.age(AGE))
            || policy.equals(Policy.both(length * 10, AGE))) {
          shown.add(result);
        }
      }
      Files.writeString(FOLDER.resolve(trace.name() + ".svg"), Plot.of(trace, shown));
    }
    Files.writeString(FOLDER.resolve("table.md"), table);
  }

  static List<Trace> traces() {
    return List.of(
        Trace.steady(),
        Trace.burst(),
        Trace.burstOfWaiting(),
        Trace.slow(),
        Trace.poison(),
        Trace.scheduled(),
        Trace.diurnal());
  }

  /** The default length, and what is above and below it, each with age and without. */
  private static List<Policy> policies(int length) {
    return Stream.of(
            Policy.length(Math.max(1, length / 4)),
            Policy.length(length),
            Policy.length(length * 10),
            Policy.age(10),
            Policy.age(AGE),
            Policy.age(120),
            Policy.both(length, AGE),
            Policy.both(length * 10, AGE))
        .distinct()
        .toList();
  }

  private static void append(StringBuilder table, Trace trace, Result result) {
    table.append(
        row(
            trace.name(),
            result.policy.name(),
            seconds(result.wait(50)),
            seconds(result.wait(95)),
            result.mostReplicas(),
            String.format(Locale.ROOT, "%.2f", result.podSeconds() / 3600.0),
            result.changes()));
  }

  private static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.1f s", seconds);
  }

  private static String row(Object... cells) {
    var row = new StringBuilder("|");
    for (var cell : cells) {
      row.append(' ').append(cell).append(" |");
    }
    return row.append('\n').toString();
  }
}
