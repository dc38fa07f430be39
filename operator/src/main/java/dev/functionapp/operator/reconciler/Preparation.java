package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.plan.AppSpec;
import dev.functionapp.operator.plan.Platform;
import dev.functionapp.operator.plan.Reason;
import dev.functionapp.operator.plan.Revision;
import dev.functionapp.operator.resources.Labels;
import dev.functionapp.operator.resources.PrepareJobs;
import dev.functionapp.operator.status.Finding;
import dev.functionapp.operator.status.JobState;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Gets a revision prepared: one Job at a time, and another one after each that failed for a reason
 * that lies outside the app. The Job that found a mistake stays, so that it is neither repeated nor
 * forgotten; whoever deletes it asks for another try.
 */
final class Preparation {

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

  /**
   * @param again when to look again, where nothing else will be the occasion
   */
  record Progress(Finding finding, Optional<Duration> again) {}

  private final Platform platform;
  private final Clock clock;

  Preparation(Platform platform, Clock clock) {
    this.platform = platform;
    this.clock = clock;
  }

  Progress advance(AppSpec spec, Revision revision, LiveObjects live, Applier applier) {
    var job = live.find(Job.class, PrepareJobs.name(spec, revision));
    if (job.isEmpty()) {
      applier.apply(PrepareJobs.job(spec, revision, platform, 1));
      return goesOn("building the package");
    }
    return switch (JobState.of(job.get(), live.podsOf(job.get()))) {
      case JobState.Running(var message) -> goesOn(message);
      case JobState.Mistake(var reason, var message) ->
          new Progress(Finding.stuck(reason, message), Optional.empty());
      case JobState.Succeeded() -> afterSuccess(spec, revision, job.get(), applier);
      case JobState.Failed(var message, var at) ->
          retry(spec, revision, job.get(), message, at, applier);
    };
  }

  /** The index has been looked for before the Job was; only if it stays away has it been lost. */
  private Progress afterSuccess(AppSpec spec, Revision revision, Job job, Applier applier) {
    var end = Instant.parse(job.getStatus().getCompletionTime());
    if (clock.instant().isBefore(end.plus(FIRST_PAUSE))) {
      return new Progress(
          Finding.goesOn(Reason.Preparing, "reading what was found"), Optional.of(LOOK_AGAIN));
    }
    return retry(spec, revision, job, "the package store lost what was prepared", end, applier);
  }

  private Progress retry(
      AppSpec spec, Revision revision, Job job, String message, Instant at, Applier applier) {
    int attempt =
        Integer.parseInt(job.getMetadata().getAnnotations().getOrDefault(Labels.ATTEMPT, "1"));
    var left = Duration.between(clock.instant(), at.plus(pause(attempt)));
    if (left.isPositive()) {
      return new Progress(Finding.goesOn(Reason.PrepareFailed, message), Optional.of(left));
    }
    applier.delete(job);
    applier.apply(PrepareJobs.job(spec, revision, platform, attempt + 1));
    return new Progress(
        Finding.goesOn(
            Reason.PrepareFailed, "attempt %d, after: %s".formatted(attempt + 1, message)),
        Optional.empty());
  }

  private static Duration pause(int attempt) {
    int doublings = Math.min(attempt - 1, 10);
    var pause = FIRST_PAUSE.multipliedBy(1L << doublings);
    return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
  }

  private static Progress goesOn(String message) {
    return new Progress(Finding.goesOn(Reason.Preparing, message), Optional.empty());
  }
}
