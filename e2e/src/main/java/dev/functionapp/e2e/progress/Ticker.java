package dev.functionapp.e2e.progress;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Does something at once and then again and again beside the rest, until it is closed. What fails once is done again all the same. */
public final class Ticker implements AutoCloseable {

  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  private Ticker(Duration pause, Runnable task) {
    this.thread = Thread.ofVirtual().start(() -> repeat(pause, task));
  }

  public static Ticker every(Duration pause, Runnable task) {
    return new Ticker(pause, task);
  }

  private void repeat(Duration pause, Runnable task) {
    try {
      do {
        try {
          task.run();
        } catch (RuntimeException e) {
          // A look at something that is just not there; the next one tells.
        }
      } while (!closed.await(pause.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Lets what is under way end. */
  @Override
  public void close() {
    closed.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
