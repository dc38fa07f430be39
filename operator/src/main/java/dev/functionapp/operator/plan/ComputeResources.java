package dev.functionapp.operator.plan;

import java.util.SortedMap;

/**
 * Compute resources of a worker pod.
 *
 * @param requests quantity by resource name ({@code cpu}, {@code memory})
 * @param limits quantity by resource name
 */
public record ComputeResources(
    SortedMap<String, String> requests, SortedMap<String, String> limits) {}
