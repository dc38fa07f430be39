package dev.functionapp.e2e.plot;

import java.util.List;
import java.util.Locale;

/** Values over the same time as a drawing, one panel each. */
public final class Panels {

  private static final int WIDTH = 800;
  private static final int HEIGHT = 120;
  private static final int LEFT = 60;
  private static final int TOP = 30;
  private static final int GAP = 40;

  private final double end;

  private Panels(double end) {
    this.end = end;
  }

  /**
   * A value at a moment.
   *
   * @param seconds since the run began
   */
  public record Point(double seconds, double value) {}

  /** What one panel shows. Points are in the order of time. */
  public record Panel(String title, String colour, List<Point> points) {}

  /** The drawing, as an SVG document. */
  public static String svg(List<Panel> panels) {
    double end = panels.stream().flatMap(panel -> panel.points().stream()).mapToDouble(Point::seconds).max().orElse(1);
    Panels drawing = new Panels(Math.max(1, end));
    StringBuilder document =
        new StringBuilder(format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">\n", LEFT + WIDTH + 20, TOP + panels.size() * (HEIGHT + GAP)))
            .append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
    for (int i = 0; i < panels.size(); i++) {
      document.append(drawing.panel(TOP + i * (HEIGHT + GAP), panels.get(i)));
    }
    return document.append("</svg>\n").toString();
  }

  /** A drawing has decimal points wherever it is made. */
  private static String format(String template, Object... values) {
    return String.format(Locale.ROOT, template, values);
  }

  private String panel(int top, Panel panel) {
    double most = Math.max(1, panel.points().stream().mapToDouble(Point::value).max().orElse(1));
    StringBuilder path = new StringBuilder();
    double before = 0;
    for (Point point : panel.points()) {
      double x = LEFT + WIDTH * point.seconds() / end;
      double y = top + HEIGHT * (1 - point.value() / most);
      // Steps, because between two looks nothing is known.
      path.append(path.isEmpty() ? format("M%.1f,%.1f", x, y) : format("L%.1f,%.1fL%.1f,%.1f", x, before, x, y));
      before = y;
    }
    int bottom = top + HEIGHT;
    return format("<text x=\"%d\" y=\"%d\">%s</text>\n", LEFT, top - 8, panel.title())
        + format("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%.0f</text>\n", LEFT - 6, top + 10, most)
        + format("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">0</text>\n", LEFT - 6, bottom)
        + format("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%.0f s</text>\n", LEFT + WIDTH, bottom + 16, end)
        + format("<path d=\"M%d,%dV%dH%d\" fill=\"none\" stroke=\"#999\"/>\n", LEFT, top, bottom, LEFT + WIDTH)
        + format("<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\"/>\n", path, panel.colour());
  }
}
