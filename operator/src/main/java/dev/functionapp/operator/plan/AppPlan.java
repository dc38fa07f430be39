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

  /** What the spec says of functions and groups that the app does not have, for people. */
  public List<String> unknownNames() {
    return UnknownNames.in(spec.arrangement(), functions);
  }

  /** Whether no group has replicas, because the spec says so. */
  public boolean isStopped() {
    return spec.arrangement().stopped();
  }

  /** Whether a Service is needed. */
  public boolean servesHttp() {
    return url.isPresent();
  }

  /** The name of the group that has the HTTP functions; all of them are in one. */
  public Optional<String> httpGroup() {
    return functions.stream()
        .filter(function -> function.url().isPresent())
        .flatMap(function -> function.group().stream())
        .findFirst();
  }

  /** Whether a group has the HTTP functions. */
  public boolean servesHttp(Group group) {
    return httpGroup().equals(Optional.of(group.name()));
  }
}
