package dev.functionapp.e2e.plot;

import java.util.List;
import java.util.Locale;

/** What several runs spent their time on as a drawing: a bar for each run, its parts one after the other. */
public final class Bars {

  private static final int WIDTH = 800;
  private static final int HEIGHT = 14;
  private static final int GAP = 6;
  private static final int LEFT = 60;
  private static final int TOP = 40;
  private static final int LEGEND = 150;

  private Bars() {}

  /** What takes the time, in the order in which it follows. */
  public record Kind(String name, String colour) {}

  /** One run: the seconds of each kind. */
  public record Bar(String label, List<Double> seconds) {}

  /** The drawing, as an SVG document. */
  public static String svg(List<Kind> kinds, List<Bar> bars) {
    double longest = Math.max(1, bars.stream().mapToDouble(bar -> bar.seconds().stream().mapToDouble(Double::doubleValue).sum()).max().orElse(1));
    int bottom = TOP + bars.size() * (HEIGHT + GAP);
    StringBuilder document =
        new StringBuilder(format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">\n", LEFT + WIDTH + 20, bottom + 30))
            .append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
    for (int i = 0; i < kinds.size(); i++) {
      document.append(rectangle(LEFT + i * LEGEND, 10, 12, 12, kinds.get(i).colour()));
      document.append(format("<text x=\"%d\" y=\"20\">%s</text>\n", LEFT + i * LEGEND + 18, kinds.get(i).name()));
    }
    for (int i = 0; i < bars.size(); i++) {
      int top = TOP + i * (HEIGHT + GAP);
      document.append(format("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", LEFT - 6, top + HEIGHT - 3, bars.get(i).label()));
      double x = LEFT;
      for (int kind = 0; kind < kinds.size(); kind++) {
        double width = WIDTH * bars.get(i).seconds().get(kind) / longest;
        document.append(rectangle(x, top, width, HEIGHT, kinds.get(kind).colour()));
        x += width;
      }
    }
    return document
        .append(format("<text x=\"%d\" y=\"%d\">0</text>\n", LEFT, bottom + 16))
        .append(format("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%.1f s</text>\n</svg>\n", LEFT + WIDTH, bottom + 16, longest))
        .toString();
  }

  private static String rectangle(double x, int y, double width, int height, String colour) {
    return format("<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n", x, y, width, height, colour);
  }

  private static String format(String template, Object... values) {
    return String.format(Locale.ROOT, template, values);
  }
}
