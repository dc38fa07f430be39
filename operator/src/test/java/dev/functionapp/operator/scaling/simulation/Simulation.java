package dev.functionapp.operator.scaling.simulation;

import dev.functionapp.operator.scaling.LawAsSeen;
import java.util.ArrayList;
import java.util.List;

/** Runs a trace through queue, pods and autoscaler, in steps of a tenth of a second. */
final class Simulation {

  private static final int STEPS_IN_A_SECOND = 10;
  private static final double STEP = 1.0 / STEPS_IN_A_SECOND;

  private final World world;
  private final Policy policy;
  private final Trace trace;
  private final StorageQueue queue = new StorageQueue();
  private final Autoscaler autoscaler;
  private final List<Pod> pods = new ArrayList<>();
  private final List<Pod> leaving = new ArrayList<>();
  private final Result result;

  private Simulation(World world, Policy policy, Trace trace) {
    this.world = world;
    this.policy = policy;
    this.trace = trace;
    this.autoscaler = new Autoscaler(policy);
    this.result = new Result(policy);
  }

  static Result run(World world, Policy policy, Trace trace) {
    return new Simulation(world, policy, trace).run();
  }

  private Result run() {
    int sent = 0;
    var messages = trace.messages();
    for (long i = 0; i <= (long) trace.seconds() * STEPS_IN_A_SECOND; i++) {
      double now = i * STEP;
      while (sent < messages.size() && messages.get(sent).sent() <= now) {
        queue.send(messages.get(sent++));
      }
      queue.tick(now);
      for (var pod : pods) {
        pod.tick(now, STEP, result::started);
      }
      for (var pod : leaving) {
        pod.tick(now, STEP, result::started);
      }
      leaving.removeIf(Pod::isDone);
      scale(i, now);
      if (i % STEPS_IN_A_SECOND == 0) {
        double age = queue.peek().stream().mapToDouble(m -> now - m.visible()).max().orElse(0);
        result.sample(age, pods.size(), pods.size() + leaving.size(), queue.backlog());
      }
    }
    return result;
  }

  private void scale(long step, double now) {
    if (step % (long) (Autoscaler.POLLING * STEPS_IN_A_SECOND) == 0) {
      set(now, autoscaler.poll(now, pods.size(), queue.length(), byAge(now)));
    }
    if (step % (long) (Autoscaler.SYNC * STEPS_IN_A_SECOND) == 0 && !pods.isEmpty()) {
      set(now, autoscaler.sync(now, pods.size(), queue.length(), byAge(now)));
    }
  }

  private int byAge(double now) {
    if (policy.messageAge() == 0) {
      return 0;
    }
    var reports =
        pods.stream().filter(pod -> pod.isReady(now)).map(pod -> pod.report(now)).toList();
    return Math.min(
        policy.maxReplicas(), LawAsSeen.replicas(reports, pods.size(), policy.messageAge()));
  }

  private void set(double now, int replicas) {
    while (pods.size() < replicas) {
      pods.add(new Pod(world, queue, now));
    }
    while (pods.size() > replicas) {
      var pod = pods.removeLast();
      pod.stop();
      leaving.add(pod);
    }
  }
}
