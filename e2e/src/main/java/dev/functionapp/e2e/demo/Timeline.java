package dev.functionapp.e2e.demo;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Samples over time as a drawing: queue length, message age and replicas, one panel each. */
final class Timeline {

  private static final int WIDTH = 800;
  private static final int HEIGHT = 120;
  private static final int LEFT = 60;
  private static final int TOP = 30;
  private static final int GAP = 40;

  private final List<Sample> samples;
  private final double end;

  private Timeline(List<Sample> samples) {
    this.samples = samples;
    this.end = Math.max(1, samples.isEmpty() ? 1 : samples.getLast().seconds());
  }

  /** The drawing, as an SVG document. */
  static String svg(List<Sample> samples) {
    Timeline timeline = new Timeline(samples);
    return format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">\n", LEFT + WIDTH + 20, TOP + 3 * (HEIGHT + GAP))
        + "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
        + timeline.panel(0, "queue length, messages", "#1f77b4", Sample::queueLength)
        + timeline.panel(1, "oldest message, seconds", "#d62728", Sample::oldestSeconds)
        + timeline.panel(2, "replicas of " + ThumbnailsRun.GROUP, "#2ca02c", sample -> sample.replicas().getOrDefault(ThumbnailsRun.GROUP, 0))
        + "</svg>\n";
  }

  /** A drawing has decimal points wherever it is made. */
  private static String format(String template, Object... values) {
    return String.format(Locale.ROOT, template, values);
  }

  private String panel(int index, String title, String colour, ToDoubleFunction<Sample> value) {
    double most = Math.max(1, samples.stream().mapToDouble(value).max().orElse(1));
    int top = TOP + index * (HEIGHT + GAP);
    StringBuilder path = new StringBuilder();
    double before = 0;
    for (Sample sample : samples) {
      double x = LEFT + WIDTH * sample.seconds() / end;
      double y = top + HEIGHT * (1 - value.applyAsDouble(sample) / most);
      // Steps, because between two samples nothing is known.
      path.append(path.isEmpty() ? format("M%.1f,%.1f", x, y) : format("L%.1f,%.1fL%.1f,%.1f", x, before, x, y));
      before = y;
    }
    int bottom = top + HEIGHT;
    return format("<text x=\"%d\" y=\"%d\">%s</text>\n", LEFT, top - 8, title)
        + format("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%.0f</text>\n", LEFT - 6, top + 10, most)
        + format("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">0</text>\n", LEFT - 6, bottom)
        + format("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%.0f s</text>\n", LEFT + WIDTH, bottom + 16, end)
        + format("<path d=\"M%d,%dV%dH%d\" fill=\"none\" stroke=\"#999\"/>\n", LEFT, top, bottom, LEFT + WIDTH)
        + format("<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\"/>\n", path, colour);
  }
}
