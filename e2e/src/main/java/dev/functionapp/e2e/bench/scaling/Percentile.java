package dev.functionapp.e2e.bench.scaling;

import java.util.List;

/** Nearest ranks. */
final class Percentile {

  private Percentile() {}

  /**
   * The value that a share of all do not exceed.
   *
   * @param share 0.95 for the 95th percentile
   */
  static double of(List<Double> values, double share) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(Math.max(0, (int) Math.ceil(share * sorted.size()) - 1));
  }
}
