package dev.functionapp.e2e.support;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.progress.Ticker;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** Looks at the replicas that an app's groups are asked to have, twice a second. */
public final class ReplicaWatch implements AutoCloseable {

  private static final Duration PAUSE = Duration.ofMillis(500);

  private final List<Look> looks = new CopyOnWriteArrayList<>();
  private final Ticker ticker;

  private record Look(Instant at, Map<String, Integer> replicas) {}

  public ReplicaWatch(FunctionApp app) {
    this.ticker = Ticker.every(PAUSE, () -> looks.add(new Look(Instant.now(), app.replicas())));
  }

  /** Every number that a group had so far. */
  public Set<Integer> seen(String group) {
    return seen(group, Instant.MIN, Instant.MAX);
  }

  /** Every number that a group had in between. */
  public Set<Integer> seen(String group, Instant from, Instant until) {
    return looks.stream()
        .filter(look -> look.at().isAfter(from) && look.at().isBefore(until))
        .map(look -> look.replicas().get(group))
        .collect(Collectors.toSet());
  }

  /** The largest number that a group had so far. */
  public int most(String group) {
    return seen(group).stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  @Override
  public void close() {
    ticker.close();
  }
}
