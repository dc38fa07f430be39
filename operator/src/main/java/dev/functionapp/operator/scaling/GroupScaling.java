package dev.functionapp.operator.scaling;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.functionapp.operator.plan.Group;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a scale group is scaled by, as its Deployment's annotation says.
 *
 * @param demand here the lead of timers includes the polling interval
 * @param revision that the Deployment asks for
 */
record GroupScaling(int minReplicas, int maxReplicas, Group.Demand demand, String revision) {

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  /** Empty where the text is not such an annotation. */
  static Optional<GroupScaling> parse(String annotation) {
    try {
      var root = MAPPER.readTree(annotation);
      return root.path("maxReplicas").isInt() ? Optional.of(read(root)) : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private static GroupScaling read(JsonNode root) {
    var functions = new TreeMap<String, String>();
    root.path("functions")
        .properties()
        .forEach(entry -> functions.put(entry.getKey(), entry.getValue().asText()));
    var concurrency = root.path("httpConcurrency");
    return new GroupScaling(
        Math.max(0, root.path("minReplicas").asInt()),
        Math.max(0, root.path("maxReplicas").asInt()),
        new Group.Demand(
            seconds(root.path("messageAgeSeconds")).filter(Duration::isPositive),
            concurrency.isInt() && concurrency.intValue() > 0
                ? OptionalInt.of(concurrency.intValue())
                : OptionalInt.empty(),
            seconds(root.path("timerLeadSeconds")),
            seconds(root.path("scanIntervalSeconds")).filter(Duration::isPositive),
            functions),
        root.path("revision").asText());
  }

  private static Optional<Duration> seconds(JsonNode value) {
    return value.isNumber() && value.canConvertToLong() && value.longValue() >= 0
        ? Optional.of(Duration.ofSeconds(value.longValue()))
        : Optional.empty();
  }

  Set<String> functions() {
    return demand.functions().keySet();
  }

  /** The functions with a trigger of that type. */
  Set<String> functions(String trigger) {
    var found = new TreeSet<String>();
    demand
        .functions()
        .forEach((function, type) -> {
          if (type.equals(trigger)) {
            found.add(function);
          }
        });
    return found;
  }

  /** The timers that may wake the group. */
  Set<String> timers() {
    return demand.timerLead().isPresent() ? functions("timerTrigger") : Set.of();
  }

  boolean scans() {
    return demand.scanInterval().isPresent() && !functions("blobTrigger").isEmpty();
  }
}
