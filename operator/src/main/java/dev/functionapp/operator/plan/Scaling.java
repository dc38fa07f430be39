package dev.functionapp.operator.plan;

import java.time.Duration;
import java.util.OptionalInt;

/**
 * How far the app scales.
 *
 * @param minReplicas what each queue group keeps
 * @param maxReplicas what each group has at the most
 * @param queueLength messages per replica; empty means as many as one replica works on at a time
 * @param httpReplicas what the group of HTTP functions has
 */
public record Scaling(
    int minReplicas,
    int maxReplicas,
    Duration pollingInterval,
    Duration cooldownPeriod,
    OptionalInt queueLength,
    int httpReplicas) {}
