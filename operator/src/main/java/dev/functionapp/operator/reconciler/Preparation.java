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
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Gets a revision prepared: one Job at a time, and another one after each that failed for a reason
 * that lies outside the app. The Job that found a mistake stays, so that it is neither repeated nor
 * forgotten; another value of {@code functionapp.dev/reconcile-at} asks for another try.
 */
final class Preparation {

  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  /** What lies outside the app may have been mended since, without a word to the operator. */
  private static final Duration MISTAKE_PAUSE = Duration.ofMinutes(10);

  private static final Set<Reason> OUTSIDE_THE_APP =
      EnumSet.of(
          Reason.SourceNotFound,
          Reason.SourceUnauthorized,
          Reason.ChecksumMismatch,
          Reason.PackageIndexUnauthorized);

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
      applier.create(PrepareJobs.job(spec, revision, platform, 1));
      return goesOn("building the package");
    }
    boolean anotherWay =
        !PrepareJobs.access(spec, revision, platform).equals(annotation(job.get(), Labels.ACCESS));
    return switch (JobState.of(job.get(), live.podsOf(job.get()))) {
      case JobState.Running(var message) ->
          anotherWay ? anew(spec, revision, job.get(), applier) : goesOn(message);
      case JobState.Mistake(var reason, var message, var at) ->
          anotherWay || isAskedAgain(spec, job.get())
              ? anew(spec, revision, job.get(), applier)
              : afterMistake(
                  spec, revision, job.get(), Finding.stuck(reason, message), at, applier);
      case JobState.Succeeded() -> afterSuccess(spec, revision, job.get(), applier);
      case JobState.Failed(var message, var at) ->
          anotherWay
              ? anew(spec, revision, job.get(), applier)
              : retry(spec, revision, job.get(), message, at, applier);
    };
  }

  private Progress anew(AppSpec spec, Revision revision, Job job, Applier applier) {
    applier.delete(job);
    applier.create(PrepareJobs.job(spec, revision, platform, 1));
    return goesOn("beginning anew");
  }

  private Progress afterMistake(
      AppSpec spec, Revision revision, Job job, Finding mistake, Instant at, Applier applier) {
    if (!OUTSIDE_THE_APP.contains(mistake.reason())) {
      return new Progress(mistake, Optional.empty());
    }
    var left = Duration.between(clock.instant(), at.plus(MISTAKE_PAUSE));
    if (left.isPositive()) {
      return new Progress(mistake, Optional.of(left));
    }
    applier.delete(job);
    applier.create(PrepareJobs.job(spec, revision, platform, 1));
    return new Progress(mistake, Optional.empty());
  }

  private static boolean isAskedAgain(AppSpec spec, Job job) {
    return spec.reconcileAt().isPresent()
        && !spec.reconcileAt().get().equals(annotation(job, Labels.RECONCILE_AT));
  }

  private static String annotation(Job job, String name) {
    return job.getMetadata().getAnnotations().getOrDefault(name, "");
  }

  /** The index has been looked for before the Job was; only if it stays away has it been lost. */
  private Progress afterSuccess(AppSpec spec, Revision revision, Job job, Applier applier) {
    var end = Instant.parse(job.getStatus().getCompletionTime());
    if (clock.instant().isBefore(end.plus(Backoff.FIRST_PAUSE))) {
      return new Progress(
          Finding.goesOn(Reason.Preparing, "reading what was found"), Optional.of(LOOK_AGAIN));
    }
    return retry(spec, revision, job, "the package store lost what was prepared", end, applier);
  }

  private Progress retry(
      AppSpec spec, Revision revision, Job job, String message, Instant at, Applier applier) {
    int attempt = Backoff.attempt(job);
    var left = Duration.between(clock.instant(), at.plus(Backoff.pause(attempt)));
    if (left.isPositive()) {
      return new Progress(Finding.goesOn(Reason.PrepareFailed, message), Optional.of(left));
    }
    applier.delete(job);
    applier.create(PrepareJobs.job(spec, revision, platform, attempt + 1));
    return new Progress(
        Finding.goesOn(
            Reason.PrepareFailed, "attempt %d, after: %s".formatted(attempt + 1, message)),
        Optional.empty());
  }

  private static Progress goesOn(String message) {
    return new Progress(Finding.goesOn(Reason.Preparing, message), Optional.empty());
  }
}
