package dev.functionapp.operator.scaling.simulation;

import dev.functionapp.operator.scaling.LawAsSeen;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.ObjDoubleConsumer;

/** A worker pod: fetches as the worker's receiver does, and reports as it does. */
final class Pod {

  private static final double SHORTEST_PAUSE = 0.1;
  private static final double LONGEST_PAUSE = 60;
  private static final double RETRY = 1;
  private static final int MAX_DEQUEUE_COUNT = 5;
  private static final double RATE_WINDOW = 60;

  private record Work(StorageQueue.Received message, double until) {}

  private record Span(double at, double seconds, int settled) {}

  private final World world;
  private final StorageQueue queue;
  private final Deque<StorageQueue.Received> fetched = new ArrayDeque<>();
  private final Deque<Work> working = new ArrayDeque<>();
  private final Deque<Span> saturated = new ArrayDeque<>();
  final double ready;
  private double lookAgain;
  private double pause = SHORTEST_PAUSE;
  private boolean stopping;

  Pod(World world, StorageQueue queue, double now) {
    this.world = world;
    this.queue = queue;
    this.ready = now + world.podStart();
    this.lookAgain = ready;
  }

  void stop() {
    stopping = true;
  }

  boolean isDone() {
    return stopping && working() == 0;
  }

  boolean isReady(double now) {
    return now >= ready && !stopping;
  }

  /**
   * Lets time pass.
   *
   * @param started takes each message for which a worker is found for the first time
   */
  void tick(double now, double step, ObjDoubleConsumer<Message> started) {
    if (now < ready) {
      return;
    }
    boolean full = working() > world.newBatchThreshold();
    int settled = settle(now);
    if (full) {
      saturated.add(new Span(now, step, settled));
    }
    while (!saturated.isEmpty() && saturated.peek().at() < now - RATE_WINDOW) {
      saturated.poll();
    }
    if (!stopping && working() <= world.newBatchThreshold() && now >= lookAgain) {
      fetch(now, started);
    }
    while (working.size() < world.parallel() && !fetched.isEmpty()) {
      var next = fetched.poll();
      working.add(new Work(next, now + next.message().work()));
    }
  }

  LawAsSeen.Seen report(double now) {
    var head = queue.peek();
    // A pod that was there knows when a message became visible; another one, when it was sent.
    double oldest =
        head.stream()
            .mapToDouble(
                message -> now - (ready <= message.visible() ? message.visible() : message.sent()))
            .max()
            .orElse(-1);
    return new LawAsSeen.Seen(
        queue.length(), head.size(), oldest, working(), world.newBatchThreshold(), throughput());
  }

  private int working() {
    return working.size() + fetched.size();
  }

  private double throughput() {
    double seconds = saturated.stream().mapToDouble(Span::seconds).sum();
    return seconds < 2 ? 0 : saturated.stream().mapToInt(Span::settled).sum() / seconds;
  }

  private int settle(double now) {
    int settled = 0;
    var each = working.iterator();
    while (each.hasNext()) {
      var work = each.next();
      if (work.until() <= now) {
        each.remove();
        var received = work.message();
        if (received.message().poison() && received.count() < MAX_DEQUEUE_COUNT) {
          queue.retry(received.message(), now + RETRY, received.count());
        } else {
          queue.settled();
        }
        settled++;
      }
    }
    return settled;
  }

  private void fetch(double now, ObjDoubleConsumer<Message> started) {
    var received = queue.receive(world.batchSize());
    if (received.isEmpty()) {
      lookAgain = now + pause;
      pause = Math.min(LONGEST_PAUSE, pause * 2);
      return;
    }
    pause = SHORTEST_PAUSE;
    for (var message : received) {
      if (message.count() == 1) {
        started.accept(message.message(), now - message.message().visible());
      }
      fetched.add(message);
    }
  }
}
