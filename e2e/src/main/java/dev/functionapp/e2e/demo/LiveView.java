package dev.functionapp.e2e.demo;

import dev.functionapp.e2e.progress.Terminal;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Shows samples: a block that is drawn anew on a terminal, a line now and then elsewhere. */
final class LiveView implements Consumer<Sample> {

  private static final int BAR = 40;
  private static final double SECONDS_BETWEEN_LINES = 5;

  private final Terminal terminal;
  private double nextLine;

  LiveView(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public void accept(Sample sample) {
    if (terminal.watched()) {
      terminal.block(block(sample));
    } else if (sample.seconds() >= nextLine) {
      nextLine = sample.seconds() + SECONDS_BETWEEN_LINES;
      terminal.line(line(sample));
    }
  }

  /** Leaves the last sample on the console. */
  void finish(Sample sample) {
    if (terminal.watched()) {
      block(sample).forEach(terminal::line);
    } else {
      terminal.line(line(sample));
    }
  }

  private static List<String> block(Sample sample) {
    return List.of(
        "  %-10s %4d of %d, %d tried again".formatted("sent", sample.sent(), sample.total(), sample.retries()),
        "  %-10s %4d of %d  %s".formatted("processed", sample.processed(), sample.total(), bar(sample)),
        "  %-10s %4d messages, the oldest %.1f s".formatted("queue", sample.queueLength(), sample.oldestSeconds()),
        "  %-10s %s, after %.0f s".formatted("replicas", replicas(sample.replicas()), sample.seconds()));
  }

  private static String line(Sample sample) {
    return "  %3.0f s: sent %d, tried again %d, processed %d, queue length %d, oldest message %.1f s, replicas %s"
        .formatted(
            sample.seconds(),
            sample.sent(),
            sample.retries(),
            sample.processed(),
            sample.queueLength(),
            sample.oldestSeconds(),
            replicas(sample.replicas()));
  }

  private static String bar(Sample sample) {
    int filled = BAR * sample.processed() / sample.total();
    return "█".repeat(filled) + "░".repeat(BAR - filled);
  }

  private static String replicas(Map<String, Integer> replicas) {
    return replicas.entrySet().stream().map(group -> group.getKey() + " " + group.getValue()).collect(Collectors.joining(", "));
  }
}
