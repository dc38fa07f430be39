package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.packages.PackageStore;
import dev.functionapp.operator.packages.PackageStoreException;
import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.Platform;
import dev.functionapp.operator.plan.QueueUse;
import dev.functionapp.operator.plan.Reason;
import dev.functionapp.operator.scaling.GroupScaler;
import dev.functionapp.operator.scaling.PodReports;
import dev.functionapp.operator.status.ConditionMerge;
import dev.functionapp.operator.status.Finding;
import dev.functionapp.operator.status.StatusBuilder;
import dev.functionapp.v1alpha1.FunctionApp;
import dev.functionapp.v1alpha1.FunctionAppStatus;
import dev.functionapp.v1alpha1.functionappstatus.Conditions;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** Connects a pass over an app with JOSDK: caches in, status and the time of the next pass out. */
@ControllerConfiguration(name = "functionapp")
public final class FunctionAppReconciler implements Reconciler<FunctionApp> {

  private final AddOns addOns;
  private final Set<String> namespaces;
  private final SpecPass pass;
  private final StatusBuilder statuses;
  private final ReadyEvents events;
  private final KubernetesClient client;
  private final WriteLog writes;
  private final Clock clock;
  private final GroupScaler scaler;
  private final GroupExplanations explanations;
  private final QueueUsers queueUsers = new QueueUsers();
  private final boolean evaluationStorage;
  private volatile WatchedObjects watched;

  /**
   * @param addOns asks the cluster what it has beside Kubernetes itself
   * @param namespaces those to watch; empty means all
   * @param instance the operator's pod, as the author of events
   * @param pods asks workers for reports
   * @param filled whether what is watched is known
   */
  public FunctionAppReconciler(
      KubernetesClient client,
      PackageStore store,
      Platform platform,
      AddOns addOns,
      Set<String> namespaces,
      String instance,
      MeterRegistry metrics,
      Clock clock,
      PodReports pods,
      BooleanSupplier filled) {
    this.client = client;
    this.addOns = addOns;
    this.namespaces = Set.copyOf(namespaces);
    this.clock = clock;
    this.writes = new WriteLog(metrics);
    this.pass = new SpecPass(store, platform, new SecretWriter(client, writes), clock);
    this.statuses = new StatusBuilder(clock);
    this.evaluationStorage = platform.evaluationStorage().isPresent();
    this.events = new ReadyEvents(client, clock, instance);
    this.scaler =
        new GroupScaler(new CachedGroups(() -> watched, filled, client, writes), pods, clock);
    this.explanations = new GroupExplanations(scaler);
  }

  /** Says how many replicas groups ask for, as this replica's caches show them. */
  GroupScaler scaler() {
    return scaler;
  }

  @Override
  public List<EventSource<?, FunctionApp>> prepareEventSources(
      EventSourceContext<FunctionApp> context) {
    watched = new WatchedObjects(context, addOns, namespaces);
    return watched.eventSources();
  }

  @Override
  public UpdateControl<FunctionApp> reconcile(FunctionApp app, Context<FunctionApp> context) {
    if (app.isMarkedForDeletion()) {
      return UpdateControl.noUpdate();
    }
    var spec = AppSpecs.of(app);
    var live = watched.of(app);
    if (AppSpecs.isSuspended(app)) {
      return suspended(app, spec.id(), live);
    }
    var configMaps =
        ReferencedConfigMaps.read(
            spec, configMap -> watched.userConfigMap(spec.id(), configMap), client);
    var applier = new Applier(spec.id(), live, context, writes);
    var outcome =
        pass.run(
            spec,
            configMaps,
            SourceSpecs.state(app),
            watched.kedaInstalled(),
            new RevisionStore(spec, live, applier, client, writes, watched::written),
            live,
            applier,
            new DeploymentApplier(applier, live, client, writes, clock));
    var status = status(app, outcome, live, Exposures.finding(spec, outcome, live, applier));
    return finish(app, status, outcome);
  }

  private UpdateControl<FunctionApp> suspended(FunctionApp app, AppId id, LiveObjects live) {
    var before = before(app);
    var after = statuses.suspended(before, app.getMetadata().getGeneration());
    try {
      pass.keepGrants(id, live);
    } catch (PackageStoreException e) {
      throw new RetryWithStatus(after, e);
    }
    return same(before, after)
        ? UpdateControl.noUpdate()
        : UpdateControl.patchStatus(patch(app, after));
  }

  @Override
  public ErrorStatusUpdateControl<FunctionApp> updateErrorStatus(
      FunctionApp app, Context<FunctionApp> context, Exception e) {
    var before = before(app);
    var after =
        cause(e, RetryWithStatus.class)
            .map(RetryWithStatus::status)
            .orElseGet(() ->
                statuses.failed(
                    before,
                    app.getMetadata().getGeneration(),
                    Finding.goesOn(Reason.ReconcileFailed, explain(e))));
    if (same(before, after)) {
      return ErrorStatusUpdateControl.noStatusUpdate();
    }
    events.tell(app, before, after);
    return ErrorStatusUpdateControl.patchStatus(patch(app, after));
  }

  private FunctionAppStatus status(
      FunctionApp app, Outcome outcome, LiveObjects live, Optional<Finding> exposure) {
    var workloads = Observations.workloads(live);
    var before = before(app);
    var kedaFault = watched.kedaFault(ConditionMerge.scalingReady(before));
    var findings = Observations.findings(outcome, workloads, live, kedaFault, exposure);
    var shared = sharedQueues(app, outcome);
    var status =
        statuses.build(
            before,
            app.getMetadata().getGeneration(),
            outcome.attempted(),
            outcome.functions(),
            outcome.plan().filter(plan -> outcome.isApplied()),
            outcome.rollback().history(),
            workloads,
            shared.map(findings::withScalingNote).orElse(findings),
            outcome.sources());
    explanations.add(status, before, outcome.plan().filter(plan -> outcome.isApplied()), live);
    return status;
  }

  /** What is to be said of other apps that take messages from the same queues. */
  private Optional<String> sharedQueues(FunctionApp app, Outcome outcome) {
    var uses = outcome.plan().map(plan -> QueueUse.of(plan, evaluationStorage)).orElse(Set.of());
    var shared = queueUsers.note(AppSpecs.id(app), uses, watched::exists);
    shared
        .filter(note -> !scalingMessage(before(app)).contains(note))
        .ifPresent(note -> events.warn(app, Reason.QueueShared, note));
    return shared;
  }

  private static String scalingMessage(FunctionAppStatus status) {
    return ConditionMerge.scalingReady(status).map(Conditions::getMessage).orElse("");
  }

  private UpdateControl<FunctionApp> finish(
      FunctionApp app, FunctionAppStatus status, Outcome outcome) {
    if (outcome.failure().isPresent()) {
      throw new RetryWithStatus(status, outcome.failure().get());
    }
    var before = before(app);
    UpdateControl<FunctionApp> control;
    if (same(before, status)) {
      control = UpdateControl.noUpdate();
    } else {
      events.tell(app, before, status);
      control = UpdateControl.patchStatus(patch(app, status));
    }
    outcome.again().ifPresent(control::rescheduleAfter);
    return control;
  }

  private static FunctionAppStatus before(FunctionApp app) {
    return Optional.ofNullable(app.getStatus()).orElseGet(FunctionAppStatus::new);
  }

  private boolean same(FunctionAppStatus before, FunctionAppStatus after) {
    var serialization = client.getKubernetesSerialization();
    return serialization.asJson(before).equals(serialization.asJson(after));
  }

  /** A fresh object that holds nothing but the status: everything in it would be applied. */
  private static FunctionApp patch(FunctionApp app, FunctionAppStatus status) {
    var patch = new FunctionApp();
    patch.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(app.getMetadata().getNamespace())
            .withName(app.getMetadata().getName())
            .withUid(app.getMetadata().getUid())
            .build());
    patch.setStatus(status);
    return patch;
  }

  private static String explain(Exception e) {
    return cause(e, KubernetesClientException.class)
        .flatMap(api -> Optional.ofNullable(api.getStatus()))
        .map(refusal -> "the API server refused: " + refusal.getMessage())
        .orElse("an unexpected error, see the operator's log");
  }

  /** JOSDK wraps what a pass throws. */
  private static <T extends Throwable> Optional<T> cause(Throwable e, Class<T> type) {
    for (var cause = e; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return Optional.of(type.cast(cause));
      }
    }
    return Optional.empty();
  }
}
