package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.plan.AppPlan;
import dev.functionapp.operator.plan.AppSpec;
import dev.functionapp.operator.plan.Exposure;
import dev.functionapp.operator.plan.Group;
import dev.functionapp.operator.plan.Platform;
import dev.functionapp.operator.plan.Revision;
import dev.functionapp.operator.plan.Source;
import dev.functionapp.operator.resources.ConfigMaps;
import dev.functionapp.operator.resources.Deployments;
import dev.functionapp.operator.resources.DisruptionBudgets;
import dev.functionapp.operator.resources.HttpRoutes;
import dev.functionapp.operator.resources.Ingresses;
import dev.functionapp.operator.resources.Labels;
import dev.functionapp.operator.resources.PrepareJobs;
import dev.functionapp.operator.resources.ScaledObjects;
import dev.functionapp.operator.resources.Secrets;
import dev.functionapp.operator.resources.ServiceAccounts;
import dev.functionapp.operator.resources.Services;
import dev.functionapp.operator.resources.TriggerAuthentications;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The objects that an app needs, in the order in which they need each other. */
final class Children {

  private final Platform platform;
  private final SecretWriter secrets;
  private final FunctionKeys keys = new FunctionKeys();

  Children(Platform platform, SecretWriter secrets) {
    this.platform = platform;
    this.secrets = secrets;
  }

  /** Makes what a prepare Job needs; what runs already is left alone. */
  void applyForPreparation(AppSpec spec, Revision revision, LiveObjects live, Applier applier) {
    var wanted = new ArrayList<HasMetadata>(settings(spec, revision));
    ConfigMaps.source(spec.id(), revision).ifPresent(wanted::add);
    trustedCa(spec).ifPresent(wanted::add);
    wanted.forEach(applier::apply);
    applyEvaluationStorage(spec);

    live.find(Job.class, PrepareJobs.name(spec, revision)).ifPresent(wanted::add);
    new Pruner(live, applier).prune(List.of(ConfigMap.class, Job.class), wanted);
  }

  /**
   * What is kept although a plan does not hold it.
   *
   * @param asked the revision that is asked for, whose prepare Job says how it stands
   * @param preparing whether that Job may still have to read what it was given
   * @param workloads whether to keep other groups until those of the plan have proven themselves
   */
  record Kept(String asked, boolean preparing, boolean workloads) {}

  /** Makes everything that the plan holds, and deletes what it does not hold. */
  void applyPlan(
      AppPlan plan, Kept kept, LiveObjects live, Applier applier, DeploymentApplier deployments) {
    var spec = plan.spec();
    var wanted = new ArrayList<HasMetadata>(settings(spec, plan.revision()));
    if (spec.source() instanceof Source.Git) {
      // A lookup may need it at any time.
      trustedCa(spec).ifPresent(wanted::add);
    }
    wanted.forEach(applier::apply);
    applyEvaluationStorage(spec);
    if (spec.http().keysSecret().isEmpty()) {
      secrets.createOnce(Secrets.functionKeys(spec.id(), keys.generate()));
    }

    for (var group : plan.groups()) {
      var deployment = Deployments.deployment(plan, group, platform);
      deployments.apply(deployment, group.scale());
      wanted.add(deployment);
      var others = besideDeployment(plan, group);
      others.forEach(applier::apply);
      wanted.addAll(others);
    }

    plan.httpGroup()
        .map(group -> ServiceTarget.of(spec.id(), group, live))
        .ifPresent(target -> {
          var service = Services.service(spec.id(), target.deployment());
          applier.apply(service);
          wanted.add(service);
          wanted.addAll(target.kept());
        });

    live.all(Job.class)
        .filter(job -> kept.asked().equals(job.getMetadata().getLabels().get(Labels.REVISION)))
        .forEach(wanted::add);
    route(plan)
        .filter(route -> live.isServed(route.getClass()))
        .ifPresent(route -> {
          applier.applyIfAccepted(route);
          wanted.add(route);
        });

    var kinds = new ArrayList<>(LiveObjects.KINDS);
    if (kept.preparing()) {
      // What is prepared has pruned its own.
      kinds.removeAll(List.of(Job.class, ConfigMap.class));
    }
    if (kept.workloads()) {
      kinds.removeAll(LiveObjects.WORKLOADS);
      if (spec.http().exposure().isPresent() && !plan.servesHttp()) {
        kinds.removeAll(LiveObjects.ROUTES);
      }
    }
    new Pruner(live, applier).prune(kinds, wanted);
  }

  /** What keeps a group's Deployment up and scales it; what is referred to goes first. */
  private List<HasMetadata> besideDeployment(AppPlan plan, Group group) {
    var app = plan.spec().id();
    var objects = new ArrayList<HasMetadata>();
    objects.add(DisruptionBudgets.disruptionBudget(app, group));
    if (group.scale() instanceof Group.Scaled scale) {
      objects.addAll(TriggerAuthentications.of(app, scale));
      objects.add(ScaledObjects.scaledObject(app, group, scale, plan.revision(), platform));
    }
    return objects;
  }

  private static Optional<HasMetadata> route(AppPlan plan) {
    var app = plan.spec().id();
    return plan.exposure()
        .map(exposure ->
            switch (exposure.by()) {
              case Exposure.ByIngress by -> Ingresses.ingress(app, exposure, by);
              case Exposure.ByGateway by -> HttpRoutes.httpRoute(app, exposure, by);
            });
  }

  private List<HasMetadata> settings(AppSpec spec, Revision revision) {
    var objects = new ArrayList<HasMetadata>();
    objects.add(ServiceAccounts.serviceAccount(spec.id()));
    objects.add(ConfigMaps.settings(spec.id(), spec.settings()));
    revision.settingsData().values().stream()
        .distinct()
        .filter(data -> !data.equals(spec.settings()))
        .forEach(data -> objects.add(ConfigMaps.settings(spec.id(), data)));
    return objects;
  }

  private Optional<HasMetadata> trustedCa(AppSpec spec) {
    return platform.trustedCa().map(certificates -> ConfigMaps.trustedCa(spec.id(), certificates));
  }

  private void applyEvaluationStorage(AppSpec spec) {
    platform
        .evaluationStorage()
        .ifPresent(connection -> secrets.write(Secrets.evaluationStorage(spec.id(), connection)));
  }
}
