package dev.functionapp.operator;

import dev.functionapp.operator.plan.AllowedImages;
import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.AppSpec;
import dev.functionapp.operator.plan.Arrangement;
import dev.functionapp.operator.plan.Build;
import dev.functionapp.operator.plan.BuildMode;
import dev.functionapp.operator.plan.ComputeResources;
import dev.functionapp.operator.plan.Exposure;
import dev.functionapp.operator.plan.Http;
import dev.functionapp.operator.plan.Index;
import dev.functionapp.operator.plan.Platform;
import dev.functionapp.operator.plan.Rollout;
import dev.functionapp.operator.plan.Scaling;
import dev.functionapp.operator.plan.Source;
import dev.functionapp.operator.plan.Trigger;
import dev.functionapp.operator.plan.WorkerProcesses;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Apps for tests: each test changes the one thing that it is about. */
public final class TestApps {

  public static final AppId ID =
      new AppId("shop", "orders", "0d9f5c1e-2c55-4a70-8a2e-0c6f1f1b7a11");

  public static final Platform PLATFORM =
      new Platform(
          new TreeMap<>(Map.of("3.11", "worker:3.11", "3.13", "worker:3.13")),
          AllowedImages.ALL,
          "IfNotPresent",
          Collections.emptySortedMap(),
          "",
          "",
          Optional.empty(),
          false,
          true,
          "cluster.local",
          "2Gi",
          URI.create("http://operator.operators.svc:8082"),
          Optional.empty());

  public static final Index.PackageDigest PACKAGE = new Index.PackageDigest("a".repeat(64), 48_211);

  private static final Rollout ROLLOUT = new Rollout(Duration.ofMinutes(10), 5, Optional.empty());

  private static final Source INLINE =
      new Source.Inline(new TreeMap<>(Map.of("function_app.py", "x = 1")));

  private static final Arrangement NO_GROUPS =
      new Arrangement(List.of(), Collections.emptySortedMap(), false);

  private static final Http NO_HTTP =
      new Http(Optional.empty(), Optional.empty(), Optional.empty());

  private TestApps() {}

  public static AppSpec spec() {
    return spec(INLINE);
  }

  public static AppSpec spec(Source source) {
    return new AppSpec(
        ID,
        "3.13",
        Optional.empty(),
        source,
        new Build(BuildMode.AUTO, Optional.empty(), List.of(), Optional.empty()),
        new TreeMap<>(),
        List.of(),
        List.of(),
        new WorkerProcesses(OptionalInt.empty(), OptionalInt.empty()),
        new ComputeResources(new TreeMap<>(), new TreeMap<>()),
        scaling(0),
        NO_GROUPS,
        NO_HTTP,
        ROLLOUT,
        Optional.empty());
  }

  /** By the cluster's default Ingress controller, with TLS. */
  public static Exposure exposed(String... hostnames) {
    return new Exposure(
        List.of(hostnames),
        new Exposure.ByIngress(Optional.empty()),
        Optional.of(new Exposure.Tls(Optional.of("shop-tls"))),
        new TreeMap<>());
  }

  /** The app with hostnames. */
  public static AppSpec spec(Exposure exposure) {
    var http = new Http(Optional.empty(), Optional.empty(), Optional.of(exposure));
    return AppSpecBuilder.from(spec()).http(http).build();
  }

  public static Scaling scaling(int minReplicas) {
    return new Scaling(
        minReplicas,
        20,
        Duration.ofSeconds(5),
        Duration.ofSeconds(60),
        false,
        new Scaling.Queue(OptionalInt.empty(), Optional.empty()),
        new Scaling.Http(1, 50),
        new Scaling.Timer(Duration.ofSeconds(30)),
        new Scaling.Blob(Optional.empty()));
  }

  public static Index index(Index.Function... functions) {
    return new Index(Optional.of(PACKAGE), OptionalLong.of(1800), "api", 24, List.of(functions));
  }

  public static Index.Function http(String name) {
    return function(name, new Trigger.HttpTrigger("photos/{name}", List.of("POST")));
  }

  public static Index.Function queue(String name) {
    return queue(name, Trigger.Connection.Form.CONNECTION_STRING);
  }

  public static Index.Function queue(String name, Trigger.Connection.Form form) {
    return function(
        name, new Trigger.QueueTrigger("photos", 16, 8, connection("AzureWebJobsStorage", form)));
  }

  public static Index.Function timer(String name) {
    return function(name, new Trigger.TimerTrigger("0 0 3 * * *", Optional.of("Europe/Berlin")));
  }

  public static Index.Function blob(String name) {
    return function(
        name,
        new Trigger.BlobTrigger(
            "photos/{name}.png",
            connection("AzureWebJobsStorage", Trigger.Connection.Form.CONNECTION_STRING),
            Optional.empty()));
  }

  public static Trigger.Connection connection(String setting, Trigger.Connection.Form form) {
    return new Trigger.Connection(
        setting, form, Optional.empty(), Optional.empty(), Optional.empty());
  }

  public static Index.Function broken(String name) {
    return new Index.Function(
        name,
        false,
        Optional.empty(),
        Optional.of(new Index.FunctionError("ImportFailed", "no module named x")));
  }

  private static Index.Function function(String name, Trigger trigger) {
    return new Index.Function(name, false, Optional.of(trigger), Optional.empty());
  }
}
