package dev.functionapp.e2e.support;

import dev.functionapp.e2e.cluster.Cluster;
import dev.functionapp.e2e.install.OperatorChart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Writes down what the cluster looked like when a test failed, while it still looks so. */
final class DiagnosticsExtension implements AfterTestExecutionCallback {

  @Override
  public void afterTestExecution(ExtensionContext context) throws IOException {
    if (context.getExecutionException().isEmpty()) {
      return;
    }
    Environment environment = EnvironmentExtension.environment(context);
    TestNamespace namespace = EnvironmentExtension.namespace(context);
    String name = context.getRequiredTestClass().getSimpleName() + "." + context.getRequiredTestMethod().getName() + ".txt";
    Path file = environment.workspace().target("e2e").resolve(name);
    Files.writeString(file, describe(environment.cluster(), namespace.name()));
    System.err.println("What the cluster looked like: " + file);
  }

  private static String describe(Cluster cluster, String namespace) {
    StringBuilder text = new StringBuilder();
    add(text, cluster, "get", "functionapps", "--namespace", namespace, "--output", "yaml");
    add(text, cluster, "get", "pods,deployments,jobs,scaledobjects,hpa", "--namespace", namespace, "--output", "wide");
    add(text, cluster, "get", "events", "--namespace", namespace, "--sort-by", ".lastTimestamp");
    add(text, cluster, "logs", "--namespace", namespace, "--selector", "app.kubernetes.io/name=functionapp", "--all-containers", "--prefix", "--ignore-errors", "--tail", "60");
    add(text, cluster, "get", "pods", "--namespace", OperatorChart.NAMESPACE, "--output", "wide");
    add(text, cluster, "logs", "--namespace", OperatorChart.NAMESPACE, "--selector", "app.kubernetes.io/component=operator", "--prefix", "--tail", "100");
    return text.toString();
  }

  private static void add(StringBuilder text, Cluster cluster, String... kubectl) {
    text.append("\n$ kubectl ").append(String.join(" ", kubectl)).append('\n');
    var result = cluster.kubectl(kubectl).run();
    text.append(result.output()).append(result.errors());
  }
}
