package dev.functionapp.operator.plan;

import java.util.List;
import java.util.Optional;

/**
 * What is to run for a verified revision.
 *
 * @param groups the scale groups, each a Deployment of its own
 * @param functions every function of the app, also those in no group
 * @param url where HTTP functions answer inside the cluster
 * @param gracePeriodSeconds how long a worker may take to finish what it has
 */
public record AppPlan(
    AppSpec spec,
    Revision revision,
    List<Group> groups,
    List<PlannedFunction> functions,
    Optional<String> url,
    int gracePeriodSeconds) {

  /** Whether a Service is needed. */
  public boolean servesHttp() {
    return url.isPresent();
  }
}
