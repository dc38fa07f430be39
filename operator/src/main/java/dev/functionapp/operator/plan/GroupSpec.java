package dev.functionapp.operator.plan;

import java.util.List;

/**
 * An entry of {@code spec.groups}.
 *
 * @param functions the functions of a group of its own; empty where it names one that there is
 *     anyway
 * @param resources those that the entry names; request and limit of one belong together, so what it
 *     leaves unsaid of them is as the same spec's app has it, also beside another revision's
 * @param scaling with the app's where the entry does not say otherwise
 */
public record GroupSpec(
    String name, List<String> functions, ComputeResources resources, Scaling scaling) {}
