package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.plan.Digests;
import dev.functionapp.operator.plan.Reason;
import dev.functionapp.operator.resources.Labels;
import dev.functionapp.operator.status.ConditionMerge;
import dev.functionapp.v1alpha1.FunctionApp;
import dev.functionapp.v1alpha1.FunctionAppStatus;
import dev.functionapp.v1alpha1.functionappstatus.Conditions;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of every change of an app's readiness, for {@code kubectl describe} and {@code kubectl
 * events}.
 */
final class ReadyEvents {

  private static final Logger log = LoggerFactory.getLogger(ReadyEvents.class);

  /** The API server refuses longer notes. */
  private static final int MAX_NOTE = 1000;

  /** What every app goes through on its way to Ready. */
  private static final Set<Reason> EXPECTED =
      EnumSet.of(Reason.Resolving, Reason.Preparing, Reason.RollingOut, Reason.KedaPending);

  private static final DateTimeFormatter MICRO_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX");

  private final KubernetesClient client;
  private final Clock clock;
  private final String reporter;

  /**
   * @param reporter the operator's pod
   */
  ReadyEvents(KubernetesClient client, Clock clock, String reporter) {
    this.client = client;
    this.clock = clock;
    this.reporter = reporter;
  }

  void tell(FunctionApp app, FunctionAppStatus before, FunctionAppStatus after) {
    var ready = ready(after);
    if (ready.isEmpty() || says(ready).equals(says(ready(before)))) {
      return;
    }
    create(event(app, ready.get()));
  }

  /** Tells once of something that keeps nothing from being Ready, and that people may not want. */
  void warn(FunctionApp app, Reason reason, String message) {
    var metadata = app.getMetadata();
    var transition = Digests.shortDigest(List.of(metadata.getUid(), reason.name(), message));
    create(event(app, transition, "Warning", reason.name(), message));
  }

  private void create(io.fabric8.kubernetes.api.model.events.v1.Event event) {
    try {
      client.events().v1().events().resource(event).create();
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        // Events inform people; nothing depends on them.
        log.atWarn().setCause(e).log("could not write an event");
      }
    }
  }

  private io.fabric8.kubernetes.api.model.events.v1.Event event(FunctionApp app, Conditions ready) {
    return event(
        app,
        transition(app.getMetadata(), ready),
        isExpected(ready) ? "Normal" : "Warning",
        ready.getReason(),
        ready.getMessage());
  }

  private io.fabric8.kubernetes.api.model.events.v1.Event event(
      FunctionApp app, String transition, String type, String reason, String message) {
    var metadata = app.getMetadata();
    var now = clock.instant().atZone(ZoneOffset.UTC);
    return new EventBuilder()
        .withNewMetadata()
        .withNamespace(metadata.getNamespace())
        .withName(metadata.getName() + "." + transition)
        .endMetadata()
        .withEventTime(new MicroTime(MICRO_TIME.format(now)))
        .withReportingController("functionapp.dev/" + Labels.OPERATOR)
        .withReportingInstance(reporter)
        .withAction("Reconcile")
        .withType(type)
        .withReason(reason)
        .withNote(message.length() <= MAX_NOTE ? message : message.substring(0, MAX_NOTE))
        .withNewRegarding()
        .withApiVersion(app.getApiVersion())
        .withKind(app.getKind())
        .withNamespace(metadata.getNamespace())
        .withName(metadata.getName())
        .withUid(metadata.getUid())
        .endRegarding()
        .build();
  }

  /** Names a transition, so that it is told once, also by a pass that does not know of it yet. */
  private static String transition(ObjectMeta metadata, Conditions ready) {
    return Digests.shortDigest(
        List.of(
            metadata.getUid(),
            metadata.getGeneration(),
            ready.getLastTransitionTime().toString(),
            says(Optional.of(ready))));
  }

  private static boolean isExpected(Conditions ready) {
    return ready.getStatus() == Conditions.Status.TRUE
        || EXPECTED.stream().anyMatch(reason -> reason.name().equals(ready.getReason()));
  }

  private static Optional<Conditions> ready(FunctionAppStatus status) {
    return ConditionMerge.find(
        Optional.ofNullable(status.getConditions()).orElse(List.of()), ConditionMerge.READY);
  }

  private static String says(Optional<Conditions> ready) {
    return ready.map(condition -> condition.getStatus() + condition.getReason()).orElse("");
  }
}
