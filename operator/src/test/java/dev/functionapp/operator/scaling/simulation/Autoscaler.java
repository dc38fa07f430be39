package dev.functionapp.operator.scaling.simulation;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * KEDA and the HPA with the behaviour that the operator gives it: up at once by 300 % or 8 pods in
 * 15 s, down over a window of the cooldown period, by half in 30 s at the most.
 */
final class Autoscaler {

  static final double SYNC = 15;
  static final double POLLING = 30;
  static final double COOLDOWN = 300;

  private static final double TOLERANCE = 0.1;
  private static final double DOWN_PERIOD = 30;

  private record Wanted(double at, int replicas) {}

  private final Policy policy;
  private final Deque<Wanted> wanted = new ArrayDeque<>();
  private final Deque<Wanted> removed = new ArrayDeque<>();
  private double lastActive;

  Autoscaler(Policy policy) {
    this.policy = policy;
  }

  /** What KEDA decides when it polls: from zero to one, and back. */
  int poll(double now, int replicas, int length, int byAge) {
    if (length > 0 || byAge > 0) {
      lastActive = now;
      return Math.max(1, replicas);
    }
    if (policy.minReplicas() == 0 && replicas > 0 && now - lastActive >= COOLDOWN) {
      return 0;
    }
    return replicas;
  }

  /** What the HPA decides at a sync, of a Deployment that is not at zero. */
  int sync(double now, int replicas, int length, int byAge) {
    int least = Math.max(1, policy.minReplicas());
    int most = least;
    if (policy.length() > 0) {
      most = Math.max(most, desired((double) length / policy.length(), replicas));
    }
    if (policy.messageAge() > 0) {
      most = Math.max(most, desired(byAge, replicas));
    }
    most = Math.min(most, policy.maxReplicas());
    wanted.add(new Wanted(now, most));
    while (wanted.peek().at() < now - COOLDOWN) {
      wanted.poll();
    }
    if (most >= replicas) {
      return Math.min(most, Math.max(replicas * 4, replicas + 8));
    }
    int stable = wanted.stream().mapToInt(Wanted::replicas).max().orElse(most);
    if (stable >= replicas) {
      return replicas;
    }
    while (!removed.isEmpty() && removed.peek().at() <= now - DOWN_PERIOD) {
      removed.poll();
    }
    int before = replicas + removed.stream().mapToInt(Wanted::replicas).sum();
    int after = Math.min(replicas, Math.max(stable, before / 2));
    removed.add(new Wanted(now, replicas - after));
    return after;
  }

  private static int desired(double total, int replicas) {
    double ratio = total / replicas;
    return Math.abs(ratio - 1) <= TOLERANCE ? replicas : (int) Math.ceil(total);
  }
}
