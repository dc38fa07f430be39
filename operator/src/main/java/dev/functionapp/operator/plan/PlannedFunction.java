package dev.functionapp.operator.plan;

import java.util.Optional;

/**
 * One function and where it runs.
 *
 * @param group empty where it is disabled or broken
 * @param url only for HTTP functions that run
 */
public record PlannedFunction(
    Index.Function function, Optional<String> group, Optional<String> url) {}
