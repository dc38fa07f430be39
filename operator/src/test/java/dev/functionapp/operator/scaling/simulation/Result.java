package dev.functionapp.operator.scaling.simulation;

import java.util.ArrayList;
import java.util.List;

/** What became of a trace: a sample of each second, and how long each message waited. */
final class Result {

  final Policy policy;
  final List<Double> age = new ArrayList<>();
  final List<Double> replicas = new ArrayList<>();
  final List<Double> backlog = new ArrayList<>();
  private final List<Double> waits = new ArrayList<>();
  private long podSeconds;

  Result(Policy policy) {
    this.policy = policy;
  }

  void started(Message message, double wait) {
    waits.add(Math.max(0, wait));
  }

  void sample(double oldest, int asked, int running, int waiting) {
    age.add(oldest);
    replicas.add((double) asked);
    backlog.add((double) waiting);
    podSeconds += running;
  }

  /** Messages that a pod has taken. */
  int taken() {
    return waits.size();
  }

  /** How long messages waited until a pod took them, in seconds. */
  double wait(int percentile) {
    var sorted = waits.stream().sorted().toList();
    return sorted.isEmpty()
        ? 0
        : sorted.get((int) Math.min(sorted.size() - 1, sorted.size() * percentile / 100.0));
  }

  long podSeconds() {
    return podSeconds;
  }

  int mostReplicas() {
    return replicas.stream().mapToInt(Double::intValue).max().orElse(0);
  }

  /** The seconds until nothing waits any more, after something has. */
  int drained() {
    for (int second = backlog.size() - 1; second >= 0; second--) {
      if (backlog.get(second) > 0) {
        return second + 1;
      }
    }
    return 0;
  }

  /** How often the number of replicas changed. */
  int changes() {
    int changes = 0;
    for (int second = 1; second < replicas.size(); second++) {
      if (!replicas.get(second).equals(replicas.get(second - 1))) {
        changes++;
      }
    }
    return changes;
  }

  /** The share of seconds with fewer than the most replicas in which the head was too old. */
  double lateBelowMost(double target) {
    int below = 0;
    int late = 0;
    for (int second = 0; second < age.size(); second++) {
      if (replicas.get(second) < policy.maxReplicas()) {
        below++;
        late += age.get(second) > target ? 1 : 0;
      }
    }
    return below == 0 ? 0 : (double) late / below;
  }
}
