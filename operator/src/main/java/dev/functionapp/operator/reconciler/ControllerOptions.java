package dev.functionapp.operator.reconciler;

import java.util.Set;

/**
 * How the controller runs.
 *
 * @param operatorNamespace where the operator itself runs and keeps its lease
 * @param instance the operator's pod
 * @param watchNamespaces empty means all
 * @param threads apps that are worked on at a time
 */
public record ControllerOptions(
    String operatorNamespace,
    String instance,
    Set<String> watchNamespaces,
    boolean leaderElection,
    int threads) {}
