package dev.functionapp.operator.status;

import dev.functionapp.operator.plan.AppPlan;
import dev.functionapp.operator.plan.Group;
import dev.functionapp.operator.plan.PastRevision;
import dev.functionapp.operator.plan.PlannedFunction;
import dev.functionapp.operator.plan.ResolvedSource;
import dev.functionapp.operator.plan.Revision;
import dev.functionapp.operator.plan.SourceState;
import dev.functionapp.operator.plan.Trigger;
import dev.functionapp.v1alpha1.FunctionAppStatus;
import dev.functionapp.v1alpha1.functionappstatus.Functions;
import dev.functionapp.v1alpha1.functionappstatus.Groups;
import dev.functionapp.v1alpha1.functionappstatus.Revisions;
import dev.functionapp.v1alpha1.functionappstatus.Source;
import dev.functionapp.v1alpha1.functionappstatus.Summary;
import dev.functionapp.v1alpha1.functionappstatus.source.Resolved;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Writes what was found into a status; what is not known anew stays as it was. */
public final class StatusBuilder {

  private final ConditionMerge conditions;

  public StatusBuilder(Clock clock) {
    this.conditions = new ConditionMerge(clock);
  }

  /**
   * The status after a pass.
   *
   * @param attempted the revision that the spec asks for, where it makes one
   * @param functions its functions, where they are known
   * @param applied the plan, where all of it was applied
   * @param history the revisions that were rolled out, newest first
   * @param sources what is to be kept of the source
   */
  public FunctionAppStatus build(
      FunctionAppStatus previous,
      long generation,
      Optional<Revision> attempted,
      Optional<List<PlannedFunction>> functions,
      Optional<AppPlan> applied,
      List<PastRevision> history,
      List<WorkloadState> workloads,
      Findings findings,
      SourceState sources) {
    var status = new FunctionAppStatus();
    status.setObservedGeneration(generation);
    status.setConditions(
        conditions.of(
            findings, generation, Optional.ofNullable(previous.getConditions()).orElse(List.of())));

    status.setLatestCreatedRevision(
        attempted.map(Revision::name).orElse(previous.getLatestCreatedRevision()));
    var ready = history.stream().filter(PastRevision::isGood).findFirst();
    status.setLatestReadyRevision(
        ready.map(PastRevision::name).orElse(previous.getLatestReadyRevision()));
    var source = new Source();
    var before = Optional.ofNullable(previous.getSource()).orElseGet(Source::new);
    source.setLastAttempted(attempted.map(Revision::source).orElse(before.getLastAttempted()));
    source.setLastApplied(
        applied.map(plan -> plan.revision().source()).orElse(before.getLastApplied()));
    sources.resolved().map(StatusBuilder::resolved).ifPresent(source::setResolved);
    if (source.getLastAttempted() != null || source.getResolved() != null) {
      status.setSource(source);
    }
    status.setLastHandledReconcileAt(sources.handledReconcileAt().orElse(null));

    status.setRevisions(history.isEmpty() ? null : revisions(history, workloads));
    status.setUrl(applied.map(plan -> plan.url().orElse(null)).orElse(previous.getUrl()));
    status.setFunctions(
        functions.map(found -> functions(found, workloads)).orElse(previous.getFunctions()));
    status.setGroups(workloads.isEmpty() ? null : groups(workloads, applied, previous));
    summary(functions, workloads, previous).ifPresent(status::setSummary);
    return status;
  }

  /** The status so far, with the failure of an attempt to go on. */
  public FunctionAppStatus failed(FunctionAppStatus previous, long generation, Finding failure) {
    var status = new FunctionAppStatus();
    status.setObservedGeneration(generation);
    status.setConditions(
        conditions.failed(
            failure, generation, Optional.ofNullable(previous.getConditions()).orElse(List.of())));
    copy(previous, status);
    return status;
  }

  /** The status so far, and that the app is left alone: all else speaks of the time before. */
  public FunctionAppStatus suspended(FunctionAppStatus previous, long generation) {
    var status = new FunctionAppStatus();
    copy(previous, status);
    status.setObservedGeneration(previous.getObservedGeneration());
    status.setConditions(
        conditions.suspended(
            generation, Optional.ofNullable(previous.getConditions()).orElse(List.of())));
    return status;
  }

  private static void copy(FunctionAppStatus previous, FunctionAppStatus status) {
    status.setLatestCreatedRevision(previous.getLatestCreatedRevision());
    status.setLatestReadyRevision(previous.getLatestReadyRevision());
    status.setSource(previous.getSource());
    status.setRevisions(previous.getRevisions());
    status.setLastHandledReconcileAt(previous.getLastHandledReconcileAt());
    status.setUrl(previous.getUrl());
    status.setFunctions(previous.getFunctions());
    status.setGroups(previous.getGroups());
    status.setSummary(previous.getSummary());
  }

  private static Resolved resolved(ResolvedSource found) {
    var resolved = new Resolved();
    resolved.setRequest(found.request());
    resolved.setCommit(found.commit());
    resolved.setAt(found.at().atZone(ZoneOffset.UTC));
    return resolved;
  }

  private static List<Functions> functions(
      List<PlannedFunction> planned, List<WorkloadState> workloads) {
    var byGroup =
        workloads.stream()
            .collect(Collectors.toMap(WorkloadState::group, workload -> workload, (a, b) -> a));
    return planned.stream().map(function -> function(function, byGroup)).toList();
  }

  private static Functions function(PlannedFunction planned, Map<String, WorkloadState> byGroup) {
    var function = new Functions();
    function.setName(planned.function().name());
    planned.function().trigger().map(Trigger::type).ifPresent(function::setTrigger);
    planned.function().trigger().map(Trigger::target).ifPresent(function::setTarget);
    planned.group().ifPresent(function::setGroup);
    planned.url().ifPresent(function::setUrl);
    function.setReady(false);
    if (planned.function().error().isPresent()) {
      function.setReason(planned.function().error().get().reason());
      function.setMessage(planned.function().error().get().message());
    } else if (planned.function().disabled()) {
      function.setReason("Disabled");
      function.setMessage("the app says that it is disabled");
    } else if (planned.disabled()) {
      function.setReason("Disabled");
      function.setMessage("spec.functions says that it is disabled");
    } else {
      var availability = planned.group().map(byGroup::get).map(workload -> workload.availability());
      function.setReady(availability.map(Finding::isOk).orElse(false));
      availability
          .filter(finding -> !finding.isOk())
          .ifPresent(finding -> {
            function.setReason(finding.reason().name());
            function.setMessage(finding.message());
          });
    }
    return function;
  }

  private static List<Revisions> revisions(
      List<PastRevision> history, List<WorkloadState> workloads) {
    var active = workloads.stream().map(WorkloadState::revision).collect(Collectors.toSet());
    return history.stream()
        .map(past -> {
          var revision = new Revisions();
          revision.setName(past.name());
          revision.setSource(past.source());
          past.digest().map("sha256:"::concat).ifPresent(revision::setDigest);
          past.readyAt().map(at -> at.atZone(ZoneOffset.UTC)).ifPresent(revision::setReadyAt);
          revision.setActive(active.contains(past.name()));
          past.failure()
              .ifPresent(failure -> {
                revision.setReason(failure.reason().name());
                revision.setMessage(failure.message());
              });
          return revision;
        })
        .toList();
  }

  private static List<Groups> groups(
      List<WorkloadState> workloads, Optional<AppPlan> applied, FunctionAppStatus previous) {
    var before =
        Optional.ofNullable(previous.getGroups()).orElse(List.of()).stream()
            .collect(Collectors.toMap(Groups::getName, group -> group));
    var planned =
        applied.stream()
            .flatMap(plan -> plan.groups().stream())
            .collect(Collectors.toMap(Group::name, group -> group));
    return workloads.stream()
        .sorted(Comparator.comparing(WorkloadState::group))
        .map(workload -> {
          var group = new Groups();
          Optional.ofNullable(planned.get(workload.group()))
              .ifPresentOrElse(
                  found -> GroupReason.put(found, group),
                  () -> GroupReason.keep(before.get(workload.group()), group));
          group.setName(workload.group());
          group.setDeployment(workload.deployment());
          group.setReplicas((long) workload.replicas());
          group.setReadyReplicas((long) workload.readyReplicas());
          return group;
        })
        .toList();
  }

  private static Optional<Summary> summary(
      Optional<List<PlannedFunction>> functions,
      List<WorkloadState> workloads,
      FunctionAppStatus previous) {
    var summary = new Summary();
    summary.setFunctions(
        functions
            .map(StatusBuilder::loaded)
            .orElseGet(() ->
                Optional.ofNullable(previous.getSummary())
                    .map(Summary::getFunctions)
                    .orElse(null)));
    if (!workloads.isEmpty()) {
      summary.setReplicas(
          workloads.stream().mapToInt(WorkloadState::readyReplicas).sum()
              + "/"
              + workloads.stream().mapToInt(WorkloadState::replicas).sum());
    }
    return Optional.of(summary)
        .filter(found -> found.getFunctions() != null || found.getReplicas() != null);
  }

  private static String loaded(List<PlannedFunction> functions) {
    long loaded =
        functions.stream().filter(planned -> planned.function().error().isEmpty()).count();
    return loaded + "/" + functions.size();
  }
}
