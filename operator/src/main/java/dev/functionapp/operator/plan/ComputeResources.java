package dev.functionapp.operator.plan;

import java.util.Collections;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Compute resources of a worker pod.
 *
 * @param requests quantity by resource name ({@code cpu}, {@code memory})
 * @param limits quantity by resource name
 */
public record ComputeResources(
    SortedMap<String, String> requests, SortedMap<String, String> limits) {

  /** These, but for the resources that {@code others} name in requests or limits. */
  public ComputeResources with(ComputeResources others) {
    var named = others.names();
    return new ComputeResources(
        replaced(requests, others.requests, named), replaced(limits, others.limits, named));
  }

  /** These, and of each resource that they name, what they leave unsaid as {@code others} say. */
  public ComputeResources completedBy(ComputeResources others) {
    var named = names();
    return new ComputeResources(
        replaced(only(others.requests, named), requests, requests.keySet()),
        replaced(only(others.limits, named), limits, limits.keySet()));
  }

  private Set<String> names() {
    var names = new TreeSet<>(requests.keySet());
    names.addAll(limits.keySet());
    return names;
  }

  private static SortedMap<String, String> only(
      SortedMap<String, String> quantities, Set<String> names) {
    var found = new TreeMap<>(quantities);
    found.keySet().retainAll(names);
    return found;
  }

  private static SortedMap<String, String> replaced(
      SortedMap<String, String> those, SortedMap<String, String> others, Set<String> names) {
    var replaced = new TreeMap<>(those);
    replaced.keySet().removeAll(names);
    replaced.putAll(others);
    return Collections.unmodifiableSortedMap(replaced);
  }
}
