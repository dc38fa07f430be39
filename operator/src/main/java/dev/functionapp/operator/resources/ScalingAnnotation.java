package dev.functionapp.operator.resources;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.functionapp.operator.plan.Group;
import dev.functionapp.operator.plan.Revision;
import java.time.Duration;

/** What a Deployment says of its group's demand, for whichever operator replica KEDA asks. */
final class ScalingAnnotation {

  private ScalingAnnotation() {}

  /** JSON; equal scales have equal texts. */
  static String of(Group.Scaled scale, Group.Demand demand, Revision revision) {
    var json = new ObjectNode(JsonNodeFactory.instance);
    json.put("minReplicas", scale.minReplicas());
    json.put("maxReplicas", scale.maxReplicas());
    demand.messageAge().ifPresent(age -> json.put("messageAgeSeconds", seconds(age)));
    demand.httpConcurrency().ifPresent(number -> json.put("httpConcurrency", number));
    demand
        .timerLead()
        .ifPresent(
            lead -> json.put("timerLeadSeconds", seconds(lead.plus(scale.pollingInterval()))));
    demand.scanInterval().ifPresent(interval -> json.put("scanIntervalSeconds", seconds(interval)));
    var functions = json.putObject("functions");
    demand.functions().forEach(functions::put);
    json.put("revision", revision.name());
    return json.toString();
  }

  private static long seconds(Duration duration) {
    return duration.toSeconds();
  }
}
