package dev.functionapp.e2e.demo;

import dev.functionapp.e2e.plot.Panels;
import dev.functionapp.e2e.plot.Panels.Panel;
import dev.functionapp.e2e.plot.Panels.Point;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Samples over time as a drawing: queue length, message age and replicas, one panel each. */
final class Timeline {

  private Timeline() {}

  /** The drawing, as an SVG document. */
  static String svg(List<Sample> samples) {
    return Panels.svg(
        List.of(
            panel(samples, "queue length, messages", "#1f77b4", Sample::queueLength),
            panel(samples, "oldest message, seconds", "#d62728", Sample::oldestSeconds),
            panel(samples, "replicas of " + ThumbnailsRun.GROUP, "#2ca02c", sample -> sample.replicas().getOrDefault(ThumbnailsRun.GROUP, 0))));
  }

  private static Panel panel(List<Sample> samples, String title, String colour, ToDoubleFunction<Sample> value) {
    return new Panel(title, colour, samples.stream().map(sample -> new Point(sample.seconds(), value.applyAsDouble(sample))).toList());
  }
}
