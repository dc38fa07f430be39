package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.plan.AppPlan;
import dev.functionapp.operator.plan.AppSpec;
import dev.functionapp.operator.plan.Index;
import dev.functionapp.operator.plan.PastRevision;
import dev.functionapp.operator.plan.Plan;
import dev.functionapp.operator.plan.Reason;
import dev.functionapp.operator.plan.Regressions;
import dev.functionapp.operator.plan.Revision;
import dev.functionapp.operator.plan.StoredRevision;
import dev.functionapp.operator.resources.Labels;
import dev.functionapp.operator.status.Finding;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One pass over an app's revisions: what has become of the one that is applied, and which one is
 * applied now. A revision that fails never stays while there is a good one to return to.
 */
final class RolloutPass {

  private final RolloutTools tools;
  private final AppSpec spec;
  private final boolean kedaInstalled;
  private final RevisionStore revisions;
  private final LiveObjects live;
  private final Applier applier;
  private final DeploymentApplier deployments;
  private final Set<String> goodAtFirst;
  private final Instant now;
  private Optional<Instant> until = Optional.empty();

  /**
   * @param kedaInstalled whether there is something that scales queue groups
   */
  RolloutPass(
      RolloutTools tools,
      AppSpec spec,
      boolean kedaInstalled,
      RevisionStore revisions,
      LiveObjects live,
      Applier applier,
      DeploymentApplier deployments) {
    this.tools = tools;
    this.spec = spec;
    this.kedaInstalled = kedaInstalled;
    this.revisions = revisions;
    this.live = live;
    this.applier = applier;
    this.deployments = deployments;
    this.goodAtFirst =
        revisions.history().newestFirst().stream()
            .filter(PastRevision::isGood)
            .map(PastRevision::name)
            .collect(Collectors.toSet());
    this.now = tools.clock().instant().truncatedTo(ChronoUnit.SECONDS);
  }

  /** Writes down what the revisions that are applied have come to. */
  void judge() {
    for (var name : applied()) {
      revisions
          .history()
          .find(name)
          .ifPresent(past ->
              planOf(past)
                  .map(plan -> Observations.judgement(past, plan, live, now))
                  .ifPresent(judgement -> {
                    revisions.update(judgement.revision());
                    judgement.until().ifPresent(this::lookAgainAt);
                  }));
    }
  }

  /** Runs the revision that the spec pins. */
  Outcome pinned(String pin) {
    var stored = revisions.stored(pin);
    if (stored.isEmpty()) {
      return withoutAsked(
          Outcome.unprepared(
              Optional.empty(),
              Finding.stuck(Reason.PinNotFound, notThere(pin)),
              Optional.empty()));
    }
    var revision = stored.get().revision();
    var index = tools.store().index(spec.id(), pin);
    if (index.isEmpty()) {
      return withoutAsked(
          Outcome.unprepared(
              Optional.of(revision),
              Finding.stuck(
                  Reason.PinNotFound,
                  "spec.rollout.pin: the package of revision \"%s\" is not in the package store any more; remove the pin to have it built"
                      .formatted(pin)),
              Optional.empty()));
    }
    var prepared = "revision " + pin + " was built and verified before";
    return switch (plan(stored.get(), index.get())) {
      case Plan.Rejected(var reason, var message, var functions) ->
          withoutAsked(
              Outcome.rejected(revision, functions, prepared, Finding.stuck(reason, message)));
      case Plan.Planned(var planned) -> apply(planned, index.get(), prepared);
    };
  }

  private String notThere(String pin) {
    var names =
        revisions.history().newestFirst().stream()
            .map(PastRevision::name)
            .collect(Collectors.joining(", "));
    return "spec.rollout.pin: there is no revision \"%s\"; %s"
        .formatted(
            pin,
            names.isEmpty()
                ? "none has been rolled out yet: remove the pin"
                : "name one of " + names + ", or remove the pin");
  }

  /** Runs the revision that is asked for, unless it has shown that it cannot. */
  Outcome apply(AppPlan asked, Index index, String prepared) {
    var name = asked.revision().name();
    var failure =
        revisions
            .history()
            .find(name)
            .filter(past -> past.hasFailedFor(spec.attempt()))
            .flatMap(PastRevision::failure);
    var good = goodPlan(name);
    boolean wasGood = goodAtFirst.contains(name);
    var outcome = Outcome.planned(asked, prepared);
    if (failure.isPresent()) {
      return failed(outcome, asked, failure.get(), good);
    }
    if (good.isPresent() && spec.rollout().pin().isEmpty() && !isNewestGood(name)) {
      var broken = tools.store().index(spec.id(), good.get().revision().name());
      var regressions =
          broken.map(serving -> Regressions.of(serving, index, spec.arrangement())).orElse("");
      if (!regressions.isEmpty()) {
        run(good.get(), asked.revision());
        return outcome.held(good.get(), regressions);
      }
    }
    begin(asked, index);
    run(asked, asked.revision());
    judge();
    expire(asked, wasGood);
    return outcome;
  }

  private Outcome failed(
      Outcome outcome, AppPlan asked, PastRevision.Failure failure, Optional<AppPlan> good) {
    run(good.orElse(asked), asked.revision());
    judge();
    var healed =
        revisions.history().find(asked.revision().name()).filter(PastRevision::isGood).isPresent();
    return healed ? outcome : outcome.failed(failure, good);
  }

  /**
   * Where nothing can be applied of what is asked for: what runs stays, scaled and switched as the
   * spec says today, or what was good is applied again if that fails meanwhile.
   */
  Outcome withoutAsked(Outcome outcome) {
    var runs =
        revisions.history().newestFirst().stream()
            .filter(past -> applied().contains(past.name()))
            .findFirst();
    if (runs.isEmpty()) {
      return outcome;
    }
    boolean failed = runs.get().failure().isPresent();
    var plan = failed ? goodPlan(runs.get().name()) : planOf(runs.get());
    plan.ifPresent(found -> runMeanwhile(found, outcome.attempted()));
    return plan.map(outcome::keeping).orElse(outcome);
  }

  /** When the next deadline ends. */
  Optional<Duration> again() {
    return until.map(end -> {
      var left = Duration.between(tools.clock().instant(), end);
      return left.isPositive() ? left : Duration.ofSeconds(1);
    });
  }

  private void lookAgainAt(Instant end) {
    until = until.filter(sooner -> sooner.isBefore(end)).or(() -> Optional.of(end));
  }

  private void begin(AppPlan plan, Index index) {
    var name = plan.revision().name();
    var history = revisions.history();
    var known = history.find(name);
    if (known.isEmpty()) {
      var past =
          new PastRevision(
              name,
              history.nextNumber(),
              plan.revision().source(),
              plan.revision().packageKey(),
              index.packageDigest().map(Index.PackageDigest::sha256),
              now,
              Optional.empty(),
              Collections.emptySortedSet(),
              Optional.empty());
      revisions.add(StoredRevision.of(plan.spec(), plan.revision()), past);
    } else if (known.get().failure().isPresent()) {
      revisions.update(known.get().begun(history.nextNumber(), now));
    } else if (!history.isNewest(name)) {
      boolean runs = applied().equals(Set.of(name));
      revisions.update(
          runs
              ? known.get().askedForAgain(history.nextNumber())
              : known.get().begun(history.nextNumber(), now));
    }
  }

  /** Applies a plan when it is known how the revision that is asked for loads. */
  private void run(AppPlan plan, Revision asked) {
    tools.grants().allowWorkers(spec.id(), plan.revision(), live);
    applyPlan(plan, new Children.Kept(asked.name(), false, !isSettled(plan)));
  }

  /** Applies a plan while another revision is prepared, or says why it cannot be. */
  private void runMeanwhile(AppPlan plan, Optional<Revision> asked) {
    asked.ifPresentOrElse(
        revision -> tools.grants().allowBoth(spec.id(), plan.revision(), revision, live),
        () -> tools.grants().allowWorkers(spec.id(), plan.revision(), live));
    var name = asked.map(Revision::name).orElse("");
    applyPlan(plan, new Children.Kept(name, true, !isSettled(plan)));
  }

  /** Groups of another revision go when these have proven themselves, or there is no other. */
  private boolean isSettled(AppPlan plan) {
    var name = plan.revision().name();
    return revisions.history().find(name).filter(PastRevision::isGood).isPresent()
        || revisions.history().good(name).isEmpty();
  }

  private void applyPlan(AppPlan plan, Children.Kept kept) {
    tools.children().applyPlan(plan, kept, live, applier, deployments);
  }

  /** Lets revisions go that there are too many of, and what the package store holds for nobody. */
  private void expire(AppPlan asked, boolean wasGood) {
    var used = live.revisionsInUse();
    used.put(asked.revision().name(), asked.revision().packageKey());
    var expired = revisions.history().expired(spec.rollout().historyLimit(), used.keySet());
    expired.forEach(revisions::delete);
    revisions.history().newestFirst().forEach(past -> used.put(past.name(), past.packageKey()));
    boolean isGood =
        revisions.history().find(asked.revision().name()).filter(PastRevision::isGood).isPresent();
    tools.cleaning().clean(spec.id(), used, !expired.isEmpty() || (isGood && !wasGood));
  }

  private Set<String> applied() {
    return live.all(Deployment.class).map(RolloutPass::revisionOf).collect(Collectors.toSet());
  }

  private static String revisionOf(HasMetadata object) {
    return object.getMetadata().getLabels().getOrDefault(Labels.REVISION, "");
  }

  private boolean isNewestGood(String name) {
    return revisions.history().newestFirst().stream()
        .filter(PastRevision::isGood)
        .findFirst()
        .filter(past -> past.name().equals(name))
        .isPresent();
  }

  /** The newest good revision but for one, as it is to run today. */
  private Optional<AppPlan> goodPlan(String butFor) {
    return revisions.history().good(butFor).stream()
        .flatMap(past -> planOf(past).stream())
        .findFirst();
  }

  private Optional<AppPlan> planOf(PastRevision past) {
    return revisions
        .stored(past.name())
        .flatMap(stored ->
            tools
                .store()
                .index(spec.id(), past.name())
                .flatMap(index ->
                    plan(stored, index) instanceof Plan.Planned(var plan)
                        ? Optional.of(plan)
                        : Optional.empty()));
  }

  private Plan plan(StoredRevision stored, Index index) {
    return tools.planner().plan(stored.under(spec), stored.revision(), index, kedaInstalled);
  }
}
