package dev.functionapp.operator.plan;

import java.util.List;
import java.util.Optional;

/**
 * What is to run for a verified revision.
 *
 * @param groups the scale groups, each a Deployment of its own
 * @param functions every function of the app, also those in no group
 * @param url where HTTP functions answer; inside the cluster, where no hostname is asked for
 * @param gracePeriodSeconds how long a worker may take to finish what it has
 */
public record AppPlan(
    AppSpec spec,
    Revision revision,
    List<Group> groups,
    List<PlannedFunction> functions,
    Optional<String> url,
    int gracePeriodSeconds) {

  /** How the app is reached from outside the cluster, where that is asked for and possible. */
  public Optional<Exposure> exposure() {
    return spec.http().exposure().filter(asked -> servesHttp());
  }

  /** Whether a Service is needed. */
  public boolean servesHttp() {
    return url.isPresent();
  }
}
