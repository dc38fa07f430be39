package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.shell.Command;
import dev.functionapp.e2e.support.AppManifest;
import dev.functionapp.e2e.support.Environment;
import dev.functionapp.e2e.support.SideBySide;
import dev.functionapp.e2e.support.TestNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Runs the commands of docs/gitops.md, in this namespace instead of the one that they name. */
@SideBySide
class GitOpsE2E {

  private static final String ENTRY = "resource.customizations.health.functionapp.dev_FunctionApp";

  private final Environment environment;
  private final TestNamespace namespace;

  GitOpsE2E(Environment environment, TestNamespace namespace) {
    this.environment = environment;
    this.namespace = namespace;
  }

  @Test
  void theHealthScriptGetsIntoArgoCDsConfigMap() throws IOException {
    namespace.kubectl("create", "configmap", "argocd-cm", "--from-literal", "url=https://argocd.example").check();

    run("kubectl patch configmap argocd-cm --namespace argocd ");

    var data = namespace.client().configMaps().inNamespace(namespace.name()).withName("argocd-cm").require().getData();
    assertThat(data).containsEntry("url", "https://argocd.example");
    assertThat(data).containsEntry(ENTRY, Files.readString(environment.workspace().file("gitops/argocd/health.lua")));
  }

  @Test
  void aScriptWaitsForAnApp() throws IOException {
    FunctionApp app = namespace.apply(AppManifest.named("orders").echo());
    assertThat(run("kubectl wait functionapp orders --for condition=Ready ")).contains("condition met");
    assertThat(app.isReady()).isTrue();

    namespace.apply(AppManifest.named("orders").echo().python("3.99"));
    assertThat(run("kubectl wait functionapp orders --for jsonpath=")).contains("condition met");
    assertThat(app.status().condition("Stalled").isTrue()).isTrue();
  }

  /** Runs the one line of the page's shell commands that starts so. */
  private String run(String start) throws IOException {
    String page = Files.readString(environment.workspace().file("docs/gitops.md"));
    List<String> lines =
        Pattern.compile("(?ms)^```sh\n(.*?)^```$").matcher(page).results().flatMap(block -> block.group(1).lines()).filter(line -> line.startsWith(start)).toList();
    assertThat(lines).hasSize(1);
    String command = lines.getFirst().replace("--namespace argocd ", "").replaceFirst("^kubectl ", "kubectl --namespace " + namespace.name() + " ");
    return Command.of("sh", "-c", "cd " + environment.workspace().root() + " && " + command)
        .environment("KUBECONFIG", environment.cluster().kubeconfig().toString())
        .check();
  }
}
