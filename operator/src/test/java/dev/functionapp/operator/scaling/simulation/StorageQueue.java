package dev.functionapp.operator.scaling.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;

/** A storage queue: messages that wait, and messages that cannot be seen for a while. */
final class StorageQueue {

  private record Hidden(Message message, double until, int received) {}

  private record Waiting(Message message, int received) {}

  /** A message that was received, for the so-manieth time. */
  record Received(Message message, int count) {}

  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final PriorityQueue<Hidden> hidden =
      new PriorityQueue<>(Comparator.comparingDouble(Hidden::until));
  private int inWork;

  void send(Message message) {
    hidden.add(new Hidden(message, message.visible(), 0));
  }

  void retry(Message message, double until, int received) {
    inWork--;
    hidden.add(new Hidden(message, until, received));
  }

  void settled() {
    inWork--;
  }

  void tick(double now) {
    while (!hidden.isEmpty() && hidden.peek().until() <= now) {
      var shown = hidden.poll();
      waiting.add(new Waiting(shown.message(), shown.received()));
    }
  }

  List<Received> receive(int most) {
    var received = new ArrayList<Received>();
    while (received.size() < most && !waiting.isEmpty()) {
      var next = waiting.poll();
      received.add(new Received(next.message(), next.received() + 1));
    }
    inWork += received.size();
    return received;
  }

  /** Whatever its state, as the service counts. */
  int length() {
    return waiting.size() + hidden.size() + inWork;
  }

  int backlog() {
    return waiting.size();
  }

  /** Those of the first 32 that were never received. */
  List<Message> peek() {
    return waiting.stream()
        .limit(32)
        .filter(message -> message.received() == 0)
        .map(Waiting::message)
        .toList();
  }
}
