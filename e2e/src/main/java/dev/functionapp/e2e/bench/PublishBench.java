package dev.functionapp.e2e.bench;

import dev.functionapp.e2e.Workspace;
import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.cluster.Cluster;
import dev.functionapp.e2e.install.Keda;
import dev.functionapp.e2e.install.Namespaces;
import dev.functionapp.e2e.install.OperatorChart;
import dev.functionapp.e2e.servers.Certificates;
import java.time.Duration;
import java.util.Map;

/**
 * How long a change takes until it serves: what is new, what was built before, and what needs no build; and, beside the first
 * build, how long pip alone takes for the same requirements in the same image. Every figure is a median; {@code
 * target/bench/publish.json} has them all.
 */
public final class PublishBench {

  private static final String REQUIREMENTS = "Pillow==11.3.0\n";
  private static final int REPETITIONS = Integer.getInteger("repetitions", 5);

  private final Workspace workspace = Workspace.find();
  private final Results results = new Results();

  private PublishBench() {}

  public static void main(String[] arguments) throws Exception {
    new PublishBench().run();
  }

  private void run() throws Exception {
    try (Cluster cluster = Cluster.open(Cluster.Purpose.TEST, workspace)) {
      OperatorChart chart = new OperatorChart(cluster, workspace);
      chart.deliverImages();
      new Keda(cluster).install();
      chart.apply();
      for (int repetition = 1; repetition <= REPETITIONS; repetition++) {
        // A namespace of its own has a cache of dependencies of its own.
        String namespace = Namespaces.fresh(cluster.client(), "bench-publish");
        measure(cluster, namespace, repetition);
        cluster.client().namespaces().withName(namespace).delete();
      }
    }
    results.write(workspace.target("bench").resolve("publish.json"));
    results.lines().forEach(System.out::println);
  }

  private void measure(Cluster cluster, String namespace, int repetition) {
    Publication plain = new Publication(new FunctionApp(cluster.client(), namespace, "plain"));
    note("inline", repetition, plain.publish(source("one", ""), Map.of()));

    Publication pillow = new Publication(new FunctionApp(cluster.client(), namespace, "pillow"));
    note("first-build", repetition, pillow.publish(source("one", REQUIREMENTS), Map.of()));
    results.beside("first-build", "pip", new PipAlone(cluster, pillow.app(), Certificates.of(workspace).bundle()).measure(REQUIREMENTS));
    String first = pillow.app().status().latestReadyRevision();

    note("settings-only", repetition, pillow.publish(source("one", REQUIREMENTS), Map.of("COLOUR", "red")));
    note("code-only", repetition, pillow.publish(source("two", REQUIREMENTS), Map.of("COLOUR", "red")));
    note("pin", repetition, pillow.pin(first, "one"));
  }

  private void note(String name, int repetition, Duration taken) {
    results.add(name, taken);
    System.err.printf("  %d/%d %s: %.1f s%n", repetition, REPETITIONS, name, taken.toMillis() / 1000.0);
  }

  private static Map<String, String> source(String answer, String requirements) {
    String code =
        """
        import azure.functions as func

        app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


        @app.route("answer")
        async def answer(req: func.HttpRequest) -> func.HttpResponse:
            return func.HttpResponse("%s")
        """
            .formatted(answer);
    return Map.of("host.json", "{\"version\": \"2.0\"}", "function_app.py", code, "requirements.txt", "azure-functions\n" + requirements);
  }
}
