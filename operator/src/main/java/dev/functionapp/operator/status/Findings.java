package dev.functionapp.operator.status;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What was found of all aspects of an app.
 *
 * @param preparation whether the revision that is asked for is built and verified
 * @param functions whether its functions load
 * @param applied whether every object could be written
 * @param rollout whether the revision has replaced the one before
 * @param availability whether something serves, perhaps the revision before
 * @param scaling whether the groups scale
 * @param exposure whether the app is reached from outside the cluster, where that is asked for
 * @param pinned the revision that runs because the spec pins it
 */
public record Findings(
    Finding preparation,
    Finding functions,
    Finding applied,
    Finding rollout,
    Finding availability,
    Finding scaling,
    Optional<Finding> exposure,
    Optional<String> pinned) {

  /**
   * In the order in which one hides the next: the first that keeps the app from being Ready is why
   * it is not.
   */
  List<Finding> inOrder() {
    return List.of(preparation, functions, applied, rollout, availability, scaling);
  }

  /** Says something more of how the groups scale, which changes nothing. */
  public Findings withScalingNote(String note) {
    if (scaling.message().contains(note)) {
      return this;
    }
    return new Findings(
        preparation,
        functions,
        applied,
        rollout,
        availability,
        new Finding(scaling.verdict(), scaling.reason(), scaling.message() + "; " + note),
        exposure,
        pinned);
  }

  Stream<Finding> notes() {
    return Stream.concat(inOrder().stream(), exposure.stream())
        .filter(finding -> finding.verdict() == Finding.Verdict.NOTED);
  }
}
