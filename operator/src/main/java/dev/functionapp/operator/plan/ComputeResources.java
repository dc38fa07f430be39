package dev.functionapp.operator.plan;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Compute resources of a worker pod.
 *
 * @param requests quantity by resource name ({@code cpu}, {@code memory})
 * @param limits quantity by resource name
 */
public record ComputeResources(
    SortedMap<String, String> requests, SortedMap<String, String> limits) {

  /** These, but for those that {@code others} say. */
  public ComputeResources with(ComputeResources others) {
    return new ComputeResources(merged(requests, others.requests), merged(limits, others.limits));
  }

  private static SortedMap<String, String> merged(
      SortedMap<String, String> those, SortedMap<String, String> others) {
    var merged = new TreeMap<>(those);
    merged.putAll(others);
    return Collections.unmodifiableSortedMap(merged);
  }
}
