package dev.functionapp.e2e.progress;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/** The console: lines, and a block at its end that is drawn anew where somebody watches. */
public final class Terminal {

  private final PrintStream out;
  private final boolean watched;
  private int blockHeight;

  private Terminal(PrintStream out, boolean watched) {
    this.out = out;
    this.watched = watched;
  }

  /** The standard output. */
  public static Terminal standardOutput() {
    return new Terminal(System.out, isTerminal());
  }

  /** Whether it is a terminal, and not a file or a pipe. */
  public boolean watched() {
    return watched;
  }

  /** A line that stays. */
  public synchronized void line(String text) {
    eraseBlock();
    out.println(text);
    out.flush();
  }

  /** Replaces the block; only for a terminal that is watched. */
  public synchronized void block(List<String> lines) {
    eraseBlock();
    lines.forEach(out::println);
    blockHeight = lines.size();
    out.flush();
  }

  private void eraseBlock() {
    if (blockHeight > 0) {
      out.print("\u001b[" + blockHeight + "A\u001b[J");
      blockHeight = 0;
    }
  }

  /** Java tells of a console, not of a terminal, before release 22. */
  private static boolean isTerminal() {
    try {
      return new ProcessBuilder("test", "-t", "1").inheritIO().start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
