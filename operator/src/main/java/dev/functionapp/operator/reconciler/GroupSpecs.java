package dev.functionapp.operator.reconciler;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.functionapp.operator.plan.Arrangement;
import dev.functionapp.operator.plan.ComputeResources;
import dev.functionapp.operator.plan.GroupSpec;
import dev.functionapp.operator.plan.Scaling;
import dev.functionapp.v1alpha1.FunctionAppSpec;
import dev.functionapp.v1alpha1.functionappspec.Functions;
import dev.functionapp.v1alpha1.functionappspec.Groups;
import dev.functionapp.v1alpha1.functionappspec.Resources;
import dev.functionapp.v1alpha1.functionappspec.scaling.Blob;
import dev.functionapp.v1alpha1.functionappspec.scaling.Queue;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/** Reads how an app's functions are grouped, and how groups scale. */
final class GroupSpecs {

  private static final ObjectMapper MAPPER = JsonMapper.builder().build();

  private GroupSpecs() {}

  static Arrangement arrangement(FunctionAppSpec spec) {
    var disabled = new TreeMap<String, Boolean>();
    Optional.ofNullable(spec.getFunctions())
        .orElseGet(Map::of)
        .forEach((name, function) -> disabled.put(name, isDisabled(function)));
    return new Arrangement(
        AppSpecs.stream(spec.getGroups()).map(group -> group(group, spec)).toList(),
        Collections.unmodifiableSortedMap(disabled),
        Boolean.TRUE.equals(spec.getStopped()));
  }

  private static boolean isDisabled(Functions function) {
    return function != null && Boolean.TRUE.equals(function.getDisabled());
  }

  private static GroupSpec group(Groups group, FunctionAppSpec spec) {
    return new GroupSpec(
        group.getName(),
        AppSpecs.stream(group.getFunctions()).toList(),
        resources(group).completedBy(AppSpecs.resources(spec.getResources())),
        scaling(over(spec.getScaling(), group.getScaling())));
  }

  private static ComputeResources resources(Groups group) {
    return group.getResources() == null
        ? new ComputeResources(Collections.emptySortedMap(), Collections.emptySortedMap())
        : AppSpecs.resources(MAPPER.convertValue(group.getResources(), Resources.class));
  }

  static Scaling scaling(dev.functionapp.v1alpha1.functionappspec.Scaling scaling) {
    return new Scaling(
        scaling.getMinReplicas().intValue(),
        scaling.getMaxReplicas().intValue(),
        AppSpecs.duration(scaling.getPollingInterval()),
        AppSpecs.duration(scaling.getCooldownPeriod()),
        Boolean.TRUE.equals(scaling.getPaused()),
        queue(Optional.ofNullable(scaling.getQueue())),
        new Scaling.Http(
            scaling.getHttp().getMinReplicas().intValue(),
            scaling.getHttp().getConcurrency().intValue()),
        new Scaling.Timer(AppSpecs.duration(scaling.getTimer().getLead())),
        new Scaling.Blob(
            Optional.ofNullable(scaling.getBlob())
                .map(Blob::getScanInterval)
                .map(AppSpecs::duration)));
  }

  private static Scaling.Queue queue(Optional<Queue> queue) {
    return new Scaling.Queue(
        queue.map(Queue::getLength).map(AppSpecs::number).orElseGet(OptionalInt::empty),
        queue.map(Queue::getMessageAge).map(AppSpecs::duration));
  }

  /** What the app says, but for the fields that the group says: both have the same ones. */
  private static dev.functionapp.v1alpha1.functionappspec.Scaling over(
      dev.functionapp.v1alpha1.functionappspec.Scaling app,
      dev.functionapp.v1alpha1.functionappspec.groups.Scaling group) {
    if (group == null) {
      return app;
    }
    ObjectNode merged = MAPPER.valueToTree(app);
    put(merged, MAPPER.valueToTree(group));
    return MAPPER.convertValue(merged, dev.functionapp.v1alpha1.functionappspec.Scaling.class);
  }

  private static void put(ObjectNode into, ObjectNode fields) {
    fields
        .properties()
        .forEach(field -> {
          if (field.getValue() instanceof ObjectNode object
              && into.get(field.getKey()) instanceof ObjectNode before) {
            put(before, object);
          } else if (!field.getValue().isNull()) {
            into.set(field.getKey(), field.getValue());
          }
        });
  }
}
