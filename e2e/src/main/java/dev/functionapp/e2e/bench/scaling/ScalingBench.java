package dev.functionapp.e2e.bench.scaling;

import dev.functionapp.e2e.Workspace;
import dev.functionapp.e2e.bench.Results;
import dev.functionapp.e2e.cluster.Cluster;
import dev.functionapp.e2e.install.Keda;
import dev.functionapp.e2e.install.OperatorChart;
import dev.functionapp.e2e.storage.AppStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How fast and how far groups scale, in parts that each can be run alone: {@code start} (the first message from zero), {@code
 * burst}, {@code slow-burst} and {@code steady} (many short messages at once, fewer long ones, and some for a while, beside
 * plain KEDA) and {@code many} (a thousand ScaledObjects in one cluster). {@code
 * target/bench/scaling.json} has the figures of all that ran, a drawing of each run is in {@code target/bench/scaling}.
 */
public final class ScalingBench {

  private static final List<Part> PARTS =
      List.of(
          new FirstMessage(),
          new Bursts("burst", new Burst.Load(2000, 0.2, Duration.ZERO), 15),
          new Bursts("slow-burst", new Burst.Load(400, 2, Duration.ZERO), 30),
          new Bursts("steady", new Burst.Load(600, 4, Duration.ofMinutes(2)), 15),
          new ManyScaledObjects());

  /** One part. */
  interface Part {

    String name();

    void run(Bench bench) throws Exception;
  }

  /** What parts measure with. */
  record Bench(Workspace workspace, Cluster cluster, OperatorChart chart, AppStorage storage, Results results) {

    void draw(String run, String svg) throws IOException {
      Path drawing = workspace.target("bench/scaling").resolve(run + ".svg");
      Files.writeString(drawing, svg);
    }

    void say(String template, Object... values) {
      System.err.printf(Locale.ROOT, "  " + template + "%n", values);
    }
  }

  private ScalingBench() {}

  public static void main(String[] arguments) throws Exception {
    List<Part> parts = new ArrayList<>();
    for (String name : String.join(",", arguments).split(",")) {
      parts.add(part(name));
    }
    Workspace workspace = Workspace.find();
    try (Cluster cluster = Cluster.open(Cluster.Purpose.TEST, workspace)) {
      OperatorChart chart = new OperatorChart(cluster, workspace);
      chart.deliverImages();
      new Keda(cluster).install();
      chart.apply();
      for (Part part : parts) {
        Results results = new Results();
        try (AppStorage storage = AppStorage.open(cluster.client())) {
          part.run(new Bench(workspace, cluster, chart, storage, results));
        }
        results.update(workspace.target("bench").resolve("scaling.json"));
        results.lines().forEach(System.out::println);
      }
    }
  }

  private static Part part(String name) {
    return PARTS.stream()
        .filter(part -> part.name().equals(name))
        .findFirst()
        .orElseThrow(() -> {
          String names = PARTS.stream().map(Part::name).collect(Collectors.joining(", "));
          return new IllegalArgumentException("\"" + name + "\" is none of the parts " + names);
        });
  }
}
