package dev.functionapp.operator.scaling.simulation;

/**
 * A message; times are seconds since the beginning.
 *
 * @param sent when it was sent
 * @param visible when it can first be received
 * @param work how long it takes
 * @param poison whether each try fails
 */
record Message(double sent, double visible, double work, boolean poison) {}
