package dev.functionapp.operator.plan;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * How the functions are arranged and switched today. No part of a revision: it holds for whichever
 * runs.
 *
 * @param groups the entries of {@code spec.groups}
 * @param disabled the functions that {@code spec.functions} names, and whether it takes them out
 * @param stopped whether every group has no replicas
 */
public record Arrangement(
    List<GroupSpec> groups, SortedMap<String, Boolean> disabled, boolean stopped) {

  /** Whether the spec takes a function out, whatever the app says of it. */
  public boolean disables(String function) {
    return disabled.getOrDefault(function, false);
  }

  /** What the spec says of a group. */
  public Optional<GroupSpec> group(String name) {
    return groups.stream().filter(group -> group.name().equals(name)).findFirst();
  }
}
