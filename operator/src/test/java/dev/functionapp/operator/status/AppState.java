package dev.functionapp.operator.status;

import dev.functionapp.v1alpha1.FunctionApp;

/**
 * A state that an app can be in.
 *
 * @param conditions T, F, U, or - where it is absent, of Ready, PackageReady, FunctionsLoaded,
 *     Available, ScalingReady, Reconciling, Stalled, and Exposed where it is there
 * @param kstatus Current, InProgress or Failed
 * @param argocd Healthy, Progressing, Degraded or Suspended
 */
record AppState(String name, String conditions, String kstatus, String argocd, FunctionApp app) {

  @Override
  public String toString() {
    return name;
  }
}
