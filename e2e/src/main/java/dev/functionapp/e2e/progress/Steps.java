package dev.functionapp.e2e.progress;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Supplier;

/** The steps of a longer job, each with what it is at and how long it has taken. */
public final class Steps {

  private static final int SIGN_OF_LIFE = 15;

  private final Terminal terminal;
  private final int total;
  private int number;

  public Steps(Terminal terminal, int total) {
    this.terminal = terminal;
    this.total = total;
  }

  /**
   * What came of a step.
   *
   * @param value for the program
   * @param text for people
   */
  public record Result<T>(T value, String text) {}

  /** A result that people are told of in the words of a function. */
  public static <T> Result<T> result(T value, Function<T, String> text) {
    return new Result<>(value, text.apply(value));
  }

  /** The result of a step that has none but that it is done. */
  public static Result<Void> done(String text) {
    return new Result<>(null, text);
  }

  /** Begins a step that shows by itself what it does. */
  public void announce(String name) {
    terminal.line(label(name).strip());
  }

  /**
   * Runs a step.
   *
   * @param doing says what it is at, meanwhile
   */
  public <T> Result<T> run(String name, Supplier<String> doing, Callable<Result<T>> work) throws Exception {
    String label = label(name);
    long start = System.nanoTime();
    try {
      Result<T> result = watched(label, doing, start, work);
      terminal.line(label + result.text() + ", " + seconds(start) + " s");
      return result;
    } catch (Exception e) {
      terminal.line(label + "failed after " + seconds(start) + " s");
      throw e;
    }
  }

  private <T> T watched(String label, Supplier<String> doing, long start, Callable<T> work) throws Exception {
    long pause = terminal.watched() ? 1 : SIGN_OF_LIFE;
    Runnable sign = () -> tell(label, doing, start);
    try (Ticker ticker = Ticker.every(Duration.ofSeconds(pause), sign)) {
      return work.call();
    }
  }

  private void tell(String label, Supplier<String> doing, long start) {
    String text = label + doing.get() + "… " + seconds(start) + " s";
    if (terminal.watched()) {
      terminal.block(List.of(text));
    } else if (seconds(start) > 0) {
      terminal.line(text);
    }
  }

  private String label(String name) {
    return "[%2d/%d] %s: ".formatted(++number, total, name);
  }

  private static long seconds(long start) {
    return Duration.ofNanos(System.nanoTime() - start).toSeconds();
  }
}
