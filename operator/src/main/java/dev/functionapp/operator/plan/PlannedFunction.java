package dev.functionapp.operator.plan;

import java.util.Optional;

/**
 * One function and where it runs.
 *
 * @param disabled whether the spec takes it out, whatever the app says
 * @param group empty where it is disabled or broken
 * @param url only for HTTP functions that run
 */
public record PlannedFunction(
    Index.Function function, boolean disabled, Optional<String> group, Optional<String> url) {}
