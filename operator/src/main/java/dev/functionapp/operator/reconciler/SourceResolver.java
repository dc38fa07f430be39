package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.plan.AppSpec;
import dev.functionapp.operator.plan.Platform;
import dev.functionapp.operator.plan.Reason;
import dev.functionapp.operator.plan.ResolvedSource;
import dev.functionapp.operator.plan.Source;
import dev.functionapp.operator.plan.SourceState;
import dev.functionapp.operator.resources.ConfigMaps;
import dev.functionapp.operator.resources.ResolveJobs;
import dev.functionapp.operator.resources.ServiceAccounts;
import dev.functionapp.operator.status.Finding;
import dev.functionapp.operator.status.JobState;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Keeps the commit of a branch or tag known: looks it up by a Job when nothing is known of it, when
 * someone asks to, and at its interval. What is known holds until the lookup has ended.
 */
final class SourceResolver {

  /** A lookup that ended with a mistake is tried again: what was missing may have come since. */
  private static final Duration MISTAKE_PAUSE = Duration.ofMinutes(10);

  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  /**
   * What is known after a pass.
   *
   * @param finding what is to be said of it beside what becomes of the revision
   * @param again when to look again, where nothing else will be the occasion
   */
  record Progress(SourceState state, Optional<Finding> finding, Optional<Duration> again) {}

  private final Platform platform;
  private final Clock clock;

  SourceResolver(Platform platform, Clock clock) {
    this.platform = platform;
    this.clock = clock;
  }

  Progress advance(AppSpec spec, SourceState before, LiveObjects live, Applier applier) {
    var image = platform.workerImage(spec);
    if (image.isEmpty() || !(spec.source() instanceof Source.Git git) || git.request().isEmpty()) {
      prune(Optional.empty(), live, applier);
      var resolved =
          spec.source() instanceof Source.Git
              ? before.resolved()
              : Optional.<ResolvedSource>empty();
      return new Progress(
          new SourceState(resolved, spec.reconcileAt().or(before::handledReconcileAt)),
          Optional.empty(),
          Optional.empty());
    }
    return new Lookup(spec, git, image.get(), before, live, applier).advance();
  }

  private static void prune(Optional<String> wanted, LiveObjects live, Applier applier) {
    live.all(Job.class)
        .filter(ResolveJobs::isOne)
        .filter(job -> !wanted.equals(Optional.of(job.getMetadata().getName())))
        .forEach(applier::delete);
  }

  /** One pass over a branch or tag. */
  private final class Lookup {

    private final AppSpec spec;
    private final Source.Git git;
    private final String image;
    private final SourceState before;
    private final Optional<ResolvedSource> known;
    private final LiveObjects live;
    private final Applier applier;

    Lookup(
        AppSpec spec,
        Source.Git git,
        String image,
        SourceState before,
        LiveObjects live,
        Applier applier) {
      this.spec = spec;
      this.git = git;
      this.image = image;
      this.before = before;
      this.known = before.resolved(git);
      this.live = live;
      this.applier = applier;
    }

    Progress advance() {
      var name = job(1).getMetadata().getName();
      var job = live.find(Job.class, name);
      if (job.isEmpty() && !isDue()) {
        prune(Optional.empty(), live, applier);
        return holds(Optional.empty());
      }
      prune(Optional.of(name), live, applier);
      if (job.isEmpty()) {
        return begin(1, goesOn("looking up the commit"));
      }
      return switch (JobState.of(job.get(), live.podsOf(job.get()))) {
        case JobState.Running(var message) -> holds(goesOn(message));
        case JobState.Succeeded() -> afterSuccess(job.get());
        case JobState.Mistake(var reason, var message, var at) ->
            afterMistake(job.get(), Finding.stuck(reason, message), at);
        case JobState.Failed(var message, var at) -> afterFailure(job.get(), message, at);
      };
    }

    private boolean isDue() {
      return known.isEmpty()
          || isAsked()
          || untilDue().filter(left -> !left.isPositive()).isPresent();
    }

    /** Whether someone asks for a lookup that has not ended yet. */
    private boolean isAsked() {
      return spec.reconcileAt().isPresent()
          && !spec.reconcileAt().equals(before.handledReconcileAt());
    }

    private Optional<Duration> untilDue() {
      return known.flatMap(
          found -> git.interval().map(interval -> until(found.at().plus(interval))));
    }

    private Progress afterSuccess(Job job) {
      var end = Instant.parse(job.getStatus().getCompletionTime());
      var commit = JobState.commit(live.podsOf(job));
      if (commit.isPresent()) {
        var found = new ResolvedSource(git.request().orElseThrow(), commit.get(), end);
        // Its Job goes with the first pass that sees the answer in the status.
        return new Progress(
            new SourceState(Optional.of(found), handled()),
            Optional.empty(),
            Optional.of(LOOK_AGAIN));
      }
      // The pod may show its answer later than the Job its end; if it stays away it has been lost.
      var left = until(end.plus(Backoff.FIRST_PAUSE));
      return left.isPositive()
          ? holds(goesOn("reading what was found"), left)
          : afterFailure(job, "the answer of the lookup was lost", end);
    }

    private Progress afterMistake(Job job, Finding mistake, Instant at) {
      var left = until(at.plus(git.interval().orElse(MISTAKE_PAUSE)));
      if (!left.isPositive()) {
        applier.delete(job);
        return begin(1, Optional.of(mistake));
      }
      return new Progress(
          new SourceState(known, handled()), Optional.of(mistake), Optional.of(left));
    }

    private Progress afterFailure(Job job, String message, Instant at) {
      int attempt = Backoff.attempt(job);
      var failure =
          Optional.of(
              known.isPresent() && !isAsked()
                  ? Finding.noted(
                      Reason.ResolveFailed, "looking for a newer commit has failed: " + message)
                  : Finding.goesOn(Reason.ResolveFailed, message));
      var left = until(at.plus(Backoff.pause(attempt)));
      if (left.isPositive()) {
        return holds(failure, left);
      }
      applier.delete(job);
      return begin(attempt + 1, failure);
    }

    private Progress begin(int attempt, Optional<Finding> finding) {
      applier.apply(ServiceAccounts.serviceAccount(spec.id()));
      platform
          .trustedCa()
          .ifPresent(certificates -> applier.apply(ConfigMaps.trustedCa(spec.id(), certificates)));
      applier.create(job(attempt));
      return holds(finding);
    }

    private Job job(int attempt) {
      return ResolveJobs.job(spec, git, image, known, platform, attempt);
    }

    private Progress holds(Optional<Finding> finding) {
      return new Progress(
          new SourceState(known, before.handledReconcileAt()),
          finding,
          untilDue().filter(Duration::isPositive));
    }

    private Progress holds(Optional<Finding> finding, Duration again) {
      return new Progress(
          new SourceState(known, before.handledReconcileAt()), finding, Optional.of(again));
    }

    /** What runs is as good as ever while it is only looked whether there is something newer. */
    private Optional<Finding> goesOn(String message) {
      return known.isPresent() && !isAsked()
          ? Optional.empty()
          : Optional.of(Finding.goesOn(Reason.Resolving, message));
    }

    private Optional<String> handled() {
      return spec.reconcileAt().or(before::handledReconcileAt);
    }

    private Duration until(Instant time) {
      return Duration.between(clock.instant(), time);
    }
  }
}
