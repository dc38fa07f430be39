package dev.functionapp.operator.scaling.simulation;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Age, replicas and backlog over time, below one another, one line for each policy. An SVG is a
 * page of text: chart libraries would draw through AWT, whose fonts differ between machines.
 */
final class Plot {

  private static final List<String> COLOURS = List.of("#0072b2", "#d55e00", "#009e73");
  private static final int WIDTH = 760;
  private static final int LEFT = 60;
  private static final int RIGHT = 20;
  private static final int PANEL = 150;
  private static final int GAP = 46;
  private static final int TOP = 74;

  private final StringBuilder svg = new StringBuilder();
  private final Trace trace;
  private final List<Result> results;

  private Plot(Trace trace, List<Result> results) {
    this.trace = trace;
    this.results = results;
  }

  /** The picture of a trace under some policies, at most three. */
  static String of(Trace trace, List<Result> results) {
    return new Plot(trace, results).draw();
  }

  private String draw() {
    int height = TOP + 3 * (PANEL + GAP);
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
            + " font-family=\"sans-serif\" font-size=\"12\" fill=\"#333\">",
        WIDTH, height, WIDTH, height);
    add("<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>", WIDTH, height);
    add("<text x=\"%d\" y=\"22\" font-size=\"15\">%s</text>", LEFT, trace.title());
    for (int i = 0; i < results.size(); i++) {
      int x = LEFT + i * 220;
      add("<rect x=\"%d\" y=\"36\" width=\"18\" height=\"4\" fill=\"%s\"/>", x, COLOURS.get(i));
      add("<text x=\"%d\" y=\"43\">%s</text>", x + 24, results.get(i).policy.name());
    }
    panel(0, "age of the oldest waiting message, seconds", result -> result.age);
    panel(1, "replicas", result -> result.replicas);
    panel(2, "messages that wait", result -> result.backlog);
    add("</svg>");
    return svg.toString();
  }

  private void panel(int number, String title, Function<Result, List<Double>> values) {
    int top = TOP + number * (PANEL + GAP);
    double most =
        nice(
            results.stream()
                .flatMap(result -> values.apply(result).stream())
                .mapToDouble(value -> value)
                .max()
                .orElse(1));
    add("<text x=\"%d\" y=\"%d\">%s</text>", LEFT, top - 8, title);
    for (int line = 0; line <= 4; line++) {
      double y = top + PANEL - PANEL * line / 4.0;
      add(
          "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>",
          LEFT, WIDTH - RIGHT, y, y);
      add(
          "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\" fill=\"#666\">%s</text>",
          LEFT - 6, y + 4, number(most * line / 4));
    }
    int step = minutesBetweenTicks();
    for (int minute = 0; minute * 60 <= trace.seconds(); minute += step) {
      add(
          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#666\">%s</text>",
          x(minute * 60.0), top + PANEL + 16, minute == 0 ? "0 min" : "" + minute);
    }
    targets(number, top, most);
    for (int i = 0; i < results.size(); i++) {
      // Where lines fall on one another, those below look out.
      add(
          "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"%.1f\" points=\"%s\"/>",
          COLOURS.get(i), 4 - 1.3 * i, points(values.apply(results.get(i)), top, most));
    }
  }

  /** In the panel of ages, how old messages may get. */
  private void targets(int number, int top, double most) {
    results.stream()
        .mapToDouble(result -> result.policy.messageAge())
        .filter(target -> number == 0 && target > 0 && target < most)
        .distinct()
        .forEach(target -> {
          double y = top + PANEL * (1 - target / most);
          add(
              "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#999\""
                  + " stroke-dasharray=\"5 4\"/>",
              LEFT, WIDTH - RIGHT, y, y);
        });
  }

  /** The largest of what falls on one point of the picture, so that no peak is lost. */
  private String points(List<Double> values, int top, double most) {
    int points = Math.min(values.size(), (WIDTH - LEFT - RIGHT) / 2);
    var text = new StringBuilder();
    for (int point = 0; point < points; point++) {
      int from = (int) ((long) point * values.size() / points);
      int to = (int) ((long) (point + 1) * values.size() / points);
      double value = values.subList(from, to).stream().mapToDouble(v -> v).max().orElse(0);
      text.append(format("%.1f,%.1f ", x((double) from), top + PANEL * (1 - value / most)));
    }
    return text.toString().strip();
  }

  private int minutesBetweenTicks() {
    return IntStream.of(1, 2, 5, 10, 20, 50, 100)
        .filter(minutes -> trace.seconds() <= minutes * 60 * 8)
        .findFirst()
        .orElse(200);
  }

  private double x(double seconds) {
    return LEFT + (WIDTH - LEFT - RIGHT) * seconds / trace.seconds();
  }

  private static double nice(double most) {
    double power = Math.pow(10, Math.floor(Math.log10(Math.max(1, most))));
    for (double step : new double[] {1, 2, 4, 6, 8}) {
      if (most <= step * power) {
        return Math.max(4, step * power);
      }
    }
    return 10 * power;
  }

  private static String number(double value) {
    return value == Math.rint(value) ? format("%,d", (long) value) : format("%.1f", value);
  }

  private void add(String line, Object... values) {
    svg.append(format(line, values)).append('\n');
  }

  // The annotation that is missed is of a library that nothing else needs.
  @SuppressWarnings("AnnotateFormatMethod")
  private static String format(String text, Object... values) {
    return String.format(Locale.ROOT, text, values);
  }
}
