package dev.functionapp.operator.scaling;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.functionapp.operator.plan.Group;
import dev.functionapp.operator.resources.Labels;
import dev.functionapp.operator.resources.Names;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says how many replicas a scale group asks for: observes its Deployment and pods, applies the law,
 * and keeps when the group has something to do next.
 */
public final class GroupScaler {

  private static final Logger log = LoggerFactory.getLogger(GroupScaler.class);

  private static final Duration KEPT = Duration.ofSeconds(1);
  private static final int MAX_KEPT = 10_000;

  /** What there is to say of a group. */
  public sealed interface Answer {}

  /** So many replicas. */
  public record Recommended(Recommendation recommendation) implements Answer {}

  /** No such group, or not one that this endpoint scales. */
  public record NotFound() implements Answer {}

  /** Pods are ready and none answers, or the caches are not filled yet. */
  public record NotKnown(String message) implements Answer {}

  /** What the pods of a group said. */
  record Reports(int ready, List<PodReport> reports) {}

  private final GroupObjects objects;
  private final PodReports pods;
  private final Clock clock;
  private final AsyncCache<String, Reports> kept =
      Caffeine.newBuilder()
          .expireAfterWrite(KEPT)
          .maximumSize(MAX_KEPT)
          .executor(Thread::startVirtualThread)
          .buildAsync();

  public GroupScaler(GroupObjects objects, PodReports pods, Clock clock) {
    this.objects = objects;
    this.pods = pods;
    this.clock = clock;
  }

  /** The answer for a group, within little more than a second. */
  public Answer answer(String namespace, String app, String group) {
    if (!objects.isFilled()) {
      return new NotKnown("the operator is starting");
    }
    var deployment = objects.deployment(namespace, Names.of(app, group));
    var scaling = deployment.flatMap(GroupScaler::scaling);
    if (scaling.isEmpty()) {
      return new NotFound();
    }
    var seen = observe(deployment.get(), scaling.get());
    return seen.isSilent()
        ? new NotKnown("%d replicas are ready, and none reports".formatted(seen.ready()))
        : new Recommended(ScalingLaw.of(scaling.get(), seen));
  }

  /**
   * Why a group has as many replicas as its Deployment asks for, within little more than a second;
   * whatever fails, there is an answer.
   */
  public Recommendation explain(Group.Scaled scaled, Deployment deployment) {
    try {
      var scaling = scaling(deployment);
      var seen = observe(deployment, scaling.orElseGet(() -> byLength(scaled)));
      return Explanation.of(scaled, scaling, seen);
    } catch (RuntimeException e) {
      log.warn("why {} has its replicas is not known", deployment.getMetadata().getName(), e);
      return new Recommendation(
          0, Recommendation.Reason.Unknown, "not known, see the operator's log");
    }
  }

  /** Enough to read the lengths that pods report of queues. */
  private static GroupScaling byLength(Group.Scaled scaled) {
    var functions = new TreeMap<String, String>();
    scaled.queues().forEach(queue -> functions.put(queue.function(), "queueTrigger"));
    return new GroupScaling(
        scaled.minReplicas(),
        scaled.maxReplicas(),
        new Group.Demand(
            Optional.empty(), OptionalInt.empty(), Optional.empty(), Optional.empty(), functions),
        "");
  }

  /** What a Deployment is scaled by, where the endpoint takes part in it. */
  static Optional<GroupScaling> scaling(Deployment deployment) {
    return annotation(deployment, Labels.SCALING).flatMap(GroupScaling::parse);
  }

  /** Asks the group's pods, unless they were asked a moment ago. */
  Observation observe(Deployment deployment, GroupScaling scaling) {
    var metadata = deployment.getMetadata();
    var answers =
        kept.get(
                metadata.getNamespace() + "/" + metadata.getName() + "/" + metadata.getUid(),
                key -> ask(deployment, scaling))
            .join();
    return new Observation(
        Optional.ofNullable(deployment.getSpec().getReplicas()).orElse(1),
        answers.ready(),
        answers.reports(),
        wakeTimes(deployment),
        clock.instant());
  }

  private Reports ask(Deployment deployment, GroupScaling scaling) {
    var askable = WorkerPods.askable(deployment, objects);
    var reports = pods.ask(askable, scaling.functions());
    keepWakeTimes(deployment, scaling, reports);
    return new Reports(askable.size(), reports);
  }

  private void keepWakeTimes(Deployment deployment, GroupScaling scaling, List<PodReport> reports) {
    var before = wakeTimes(deployment);
    var after = before.after(scaling, reports, clock.instant());
    if (after.equals(before)) {
      return;
    }
    try {
      objects.keepWakeTimes(deployment, after.toJson());
    } catch (RuntimeException e) {
      // The next report says it again; until then the group stays awake.
      log.atWarn()
          .addKeyValue("namespace", deployment.getMetadata().getNamespace())
          .addKeyValue("deployment", deployment.getMetadata().getName())
          .setCause(e)
          .log("the wake times could not be kept");
    }
  }

  static WakeTimes wakeTimes(Deployment deployment) {
    return annotation(deployment, Labels.WAKE).map(WakeTimes::parse).orElse(WakeTimes.NONE);
  }

  private static Optional<String> annotation(Deployment deployment, String name) {
    return Optional.ofNullable(deployment.getMetadata().getAnnotations())
        .map((Map<String, String> annotations) -> annotations.get(name));
  }
}
