package dev.functionapp.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Packages are collected, never one in use")
class StoreSweepTest {

  private final HandTurned timer = new HandTurned();
  private final List<String> swept = new ArrayList<>();

  @AfterEach
  void stop() {
    timer.shutdownNow();
  }

  @Test
  void nothingIsSweptBeforeItIsStartedAndThenEveryHour() {
    var sweep = sweep(Set.of());
    assertThat(timer.task).isNull();

    sweep.start();

    assertThat(swept).isEmpty();
    assertThat(timer.minutes).isEqualTo(60);
    timer.turn();
    timer.turn();
    assertThat(swept).hasSize(2);
  }

  @Test
  void namespacesOfOtherOperatorsAreLeftAlone() {
    sweep(Set.of("shop")).start();
    timer.turn();
    sweep(Set.of()).start();
    timer.turn();

    assertThat(swept)
        .containsExactly(
            "shop: watched, orders there; lab: not watched",
            "shop: watched, orders there; lab: watched");
  }

  @Test
  void aSweepThatFailsIsNotTheLast() {
    var sweep =
        new StoreSweep(
            (isWatched, exists) -> {
              swept.add("tried");
              throw new IllegalStateException("the store answers nonsense");
            },
            (namespace, app) -> true,
            Set.of(),
            timer);
    sweep.start();

    timer.turn();
    timer.turn();

    assertThat(swept).containsExactly("tried", "tried");
  }

  @Test
  void whenTheOperatorStopsSoDoesTheTimer() {
    var sweep = sweep(Set.of());
    sweep.start();

    sweep.close();

    assertThat(timer.isShutdown()).isTrue();
  }

  private StoreSweep sweep(Set<String> namespaces) {
    return new StoreSweep(
        (isWatched, exists) -> {
          swept.add(
              "shop: %s, orders %s; lab: %s"
                  .formatted(
                      isWatched.test("shop") ? "watched" : "not watched",
                      exists.test("shop", "orders") ? "there" : "gone",
                      isWatched.test("lab") ? "watched" : "not watched"));
          return 0;
        },
        (namespace, app) -> app.equals("orders"),
        namespaces,
        timer);
  }

  /** A timer whose time the test lets pass. As a real one, it forgets a task that has failed. */
  private static final class HandTurned extends ScheduledThreadPoolExecutor {

    private Runnable task;
    private long minutes;

    HandTurned() {
      super(1);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(
        Runnable command, long initialDelay, long delay, TimeUnit unit) {
      task = command;
      minutes = unit.toMinutes(delay);
      return null;
    }

    void turn() {
      task.run();
    }
  }
}
