package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.plan.AppPlan;
import dev.functionapp.operator.plan.Group;
import dev.functionapp.operator.plan.PastRevision;
import dev.functionapp.operator.plan.Reason;
import dev.functionapp.operator.resources.Deployments;
import dev.functionapp.operator.resources.Labels;
import dev.functionapp.operator.status.Finding;
import dev.functionapp.operator.status.Findings;
import dev.functionapp.operator.status.GroupProof;
import dev.functionapp.operator.status.Judgement;
import dev.functionapp.operator.status.ScalingState;
import dev.functionapp.operator.status.WorkloadState;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import sh.keda.v1alpha1.ScaledObject;

/** What can be said of an app after a pass: what the pass did, and how its objects stand. */
final class Observations {

  private Observations() {}

  static List<WorkloadState> workloads(LiveObjects live) {
    return live.all(Deployment.class)
        .map(deployment -> {
          var name = deployment.getMetadata().getName();
          return WorkloadState.of(
              deployment.getMetadata().getAnnotations().getOrDefault(Labels.PURPOSE, name),
              deployment,
              live.podsOfGroup(name),
              scaledFrom(live.find(ScaledObject.class, name)));
        })
        .toList();
  }

  /**
   * Everything that is to be said.
   *
   * @param kedaFault why KEDA does not work; empty where it does
   * @param exposure whether the app is reached from outside the cluster, where that is asked for
   */
  static Findings findings(
      Outcome outcome,
      List<WorkloadState> workloads,
      LiveObjects live,
      Optional<String> kedaFault,
      Optional<Finding> exposure) {
    return new Findings(
        outcome.preparation(),
        outcome.loaded(),
        applied(outcome),
        outcome
            .rollback()
            .finding()
            .or(() -> outcome.plan().map(plan -> rollout(plan, workloads)))
            .orElseGet(Observations::notPlanned),
        availability(workloads, outcome.plan()),
        outcome
            .plan()
            .map(plan -> ScalingState.of(plan, scaledObjects(live), kedaFault))
            .orElseGet(Observations::notPlanned),
        exposure,
        outcome.rollback().pinned());
  }

  /** What a revision that is applied has come to. */
  static Judgement judgement(PastRevision past, AppPlan plan, LiveObjects live, Instant now) {
    var workloads =
        workloads(live).stream()
            .collect(Collectors.toMap(WorkloadState::deployment, Function.identity()));
    var groups = new TreeMap<String, GroupProof>();
    for (var group : plan.groups()) {
      var name = Deployments.name(plan.spec().id().name(), group);
      var proof =
          live.find(Deployment.class, name)
              .filter(found -> workloads.get(name).revision().equals(past.name()))
              .map(found ->
                  GroupProof.of(
                      workloads.get(name),
                      found,
                      live.podsOfGroup(name),
                      past,
                      plan.spec().rollout().progressDeadline(),
                      now))
              .orElseGet(() -> new GroupProof.Pending(Optional.empty()));
      groups.put(group.name(), proof);
    }
    return Judgement.of(past, groups, plan.spec(), now);
  }

  private static OptionalInt scaledFrom(Optional<ScaledObject> scaledObject) {
    return scaledObject.stream()
        .mapToInt(object -> object.getSpec().getMinReplicaCount())
        .findFirst();
  }

  private static Map<String, ScaledObject> scaledObjects(LiveObjects live) {
    return live.all(ScaledObject.class)
        .collect(Collectors.toMap(object -> object.getMetadata().getName(), Function.identity()));
  }

  static Finding notPlanned() {
    return Finding.unknown(Reason.NotVerified, "known when the package is prepared");
  }

  private static Finding applied(Outcome outcome) {
    return outcome.conflicts().isEmpty()
        ? Finding.ok(Reason.Ready, "every object is as wanted")
        : Finding.stuck(Reason.NameConflict, String.join("; ", outcome.conflicts()));
  }

  private static Finding rollout(AppPlan plan, List<WorkloadState> workloads) {
    for (var group : plan.groups()) {
      var name = Deployments.name(plan.spec().id().name(), group);
      var rollout =
          workloads.stream()
              .filter(workload -> workload.deployment().equals(name))
              .map(WorkloadState::rollout)
              .findFirst()
              .orElseGet(() -> notThere(group));
      if (!rollout.isOk()) {
        return rollout;
      }
    }
    return Finding.ok(Reason.Ready, "every group runs this revision");
  }

  private static Finding notThere(Group group) {
    return Finding.goesOn(Reason.RollingOut, "group " + group.name() + " is not there yet");
  }

  private static Finding availability(List<WorkloadState> workloads, Optional<AppPlan> plan) {
    if (plan.filter(AppPlan::isStopped).isPresent()) {
      return Finding.noted(
          Reason.Stopped, "spec.stopped is true: every group is kept at 0 replicas");
    }
    if (plan.filter(found -> found.groups().isEmpty()).isPresent()) {
      return Finding.noted(Reason.AllFunctionsDisabled, "every function is disabled");
    }
    return workloads.stream()
        .map(WorkloadState::availability)
        .filter(finding -> !finding.isOk())
        .findFirst()
        .orElseGet(() ->
            workloads.isEmpty()
                ? Finding.goesOn(Reason.NothingDeployed, "no revision has been found good yet")
                : Finding.ok(Reason.Serving, "every group serves or sleeps"));
  }
}
