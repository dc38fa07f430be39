package dev.functionapp.operator.plan;

import java.util.OptionalInt;

/**
 * Processes and threads inside each worker pod; where empty, the app setting of the upstream name
 * holds.
 */
public record WorkerProcesses(OptionalInt processes, OptionalInt threads) {}
