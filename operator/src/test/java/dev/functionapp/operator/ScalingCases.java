package dev.functionapp.operator;

import dev.functionapp.operator.plan.ComputeResources;
import dev.functionapp.operator.plan.Group;
import dev.functionapp.operator.plan.Group.Demand;
import dev.functionapp.operator.plan.Group.QueueLength;
import dev.functionapp.operator.plan.Group.Scaled;
import dev.functionapp.operator.plan.Trigger.Connection;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/** Groups of every kind that KEDA scales, by what is special about them. */
public final class ScalingCases {

  private static final Connection STORAGE =
      TestApps.connection("AzureWebJobsStorage", Connection.Form.CONNECTION_STRING);

  private static final Optional<Duration> NONE = Optional.empty();

  private ScalingCases() {}

  public static SortedMap<String, Group> all() {
    var cases = new TreeMap<String, Group>();
    cases.put("queue", group("queue-resize", scaled(List.of(queue("resize", STORAGE)))));
    cases.put(
        "queue-with-age",
        group(
            "queue-resize",
            scaled(
                List.of(queue("resize", STORAGE)),
                demand(seconds(30), NONE, NONE, "resize=queueTrigger"))));
    cases.put(
        "queue-by-identity",
        group("queue-resize", scaled(List.of(queue("resize", identity("orders1"))))));
    cases.put("queue-by-kedas-own-identity", group("queue-resize", byKedasOwnIdentity()));
    cases.put("paused", group("queue-resize", paused(scaled(List.of(queue("resize", STORAGE))))));
    cases.put("http", group("http", http()));
    cases.put(
        "timer",
        group("timer", scaled(List.of(), demand(NONE, seconds(30), NONE, "nightly=timerTrigger"))));
    cases.put("blob", group("blob", scaled(List.of(queue("archive", STORAGE)))));
    cases.put(
        "blob-with-scan-interval",
        group(
            "blob",
            scaled(
                List.of(queue("archive", STORAGE)),
                demand(NONE, NONE, seconds(300), "archive=blobTrigger"))));
    cases.put("joined", group("images", joined()));
    return cases;
  }

  /** Two queues in two accounts, and a timer, which share a Deployment. */
  public static Scaled joined() {
    return scaled(
        List.of(queue("resize", STORAGE), queue("thumbnail", identity("orders1"))),
        demand(
            seconds(30),
            seconds(30),
            NONE,
            "resize=queueTrigger",
            "thumbnail=queueTrigger",
            "nightly=timerTrigger"));
  }

  /** By identity, in an account of Azure's US Government cloud. */
  public static Connection identity(String accountName) {
    return new Connection(
        "Orders",
        Connection.Form.IDENTITY,
        Optional.of(accountName),
        Optional.of("core.usgovcloudapi.net"),
        Optional.of("3f2504e0-4f89-11d3-9a0c-0305e82c3301"));
  }

  public static Scaled paused(Scaled scale) {
    return new Scaled(
        scale.minReplicas(),
        scale.maxReplicas(),
        scale.pollingInterval(),
        scale.cooldownPeriod(),
        true,
        scale.queues(),
        scale.demand());
  }

  public static Group group(String name, Group.Scale scale) {
    var resources = new ComputeResources(new TreeMap<>(), new TreeMap<>());
    return new Group(name, List.of("resize"), resources, scale);
  }

  /** Its cooldown is longer than a HorizontalPodAutoscaler looks back. */
  private static Scaled http() {
    var demand = new Demand(NONE, OptionalInt.of(50), NONE, NONE, functions("upload=httpTrigger"));
    return new Scaled(
        1, 20, Duration.ofSeconds(5), Duration.ofHours(2), false, List.of(), Optional.of(demand));
  }

  private static Scaled byKedasOwnIdentity() {
    var connection =
        new Connection(
            "Orders",
            Connection.Form.IDENTITY,
            Optional.of("orders1"),
            Optional.empty(),
            Optional.empty());
    return scaled(List.of(queue("resize", connection)));
  }

  private static Scaled scaled(List<QueueLength> queues, Demand... demand) {
    return new Scaled(
        0,
        20,
        Duration.ofSeconds(5),
        Duration.ofSeconds(60),
        false,
        queues,
        Arrays.stream(demand).findFirst());
  }

  private static QueueLength queue(String function, Connection connection) {
    return new QueueLength(function, function + "-queue", 24, connection);
  }

  private static Demand demand(
      Optional<Duration> messageAge,
      Optional<Duration> timerLead,
      Optional<Duration> scanInterval,
      String... functions) {
    return new Demand(
        messageAge, OptionalInt.empty(), timerLead, scanInterval, functions(functions));
  }

  private static SortedMap<String, String> functions(String... functions) {
    var types = new TreeMap<String, String>();
    for (var function : functions) {
      var parts = function.split("=", 2);
      types.put(parts[0], parts[1]);
    }
    return types;
  }

  private static Optional<Duration> seconds(int seconds) {
    return Optional.of(Duration.ofSeconds(seconds));
  }
}
