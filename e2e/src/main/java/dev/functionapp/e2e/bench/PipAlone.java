package dev.functionapp.e2e.bench;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.cluster.Cluster;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.time.Duration;
import java.util.List;

/** The floor of a first build: {@code pip install} and nothing else, in a container that is the build step's but for its command. */
record PipAlone(Cluster cluster, FunctionApp app) {

  private static final String NAME = "pip-alone";
  private static final long LIMIT_MINUTES = 10;

  /** What pip takes, without the start of its container. */
  Duration measure(String requirements) {
    String pip = "python3 -m pip install --no-cache-dir --disable-pip-version-check --quiet --no-compile --target /tmp/libraries";
    String script =
        "start=$(date +%s%N); " + pip + " $REQUIREMENTS >/dev/null 2>/tmp/pip.log || { cat /tmp/pip.log; exit 1; }; echo $((($(date +%s%N) - start) / 1000000))";
    PodSpec job = app.jobs().getFirst().getSpec().getTemplate().getSpec();
    Container build =
        new ContainerBuilder(job.getInitContainers().getFirst())
            .withCommand("bash", "-c", script)
            .addNewEnv()
            .withName("REQUIREMENTS")
            .withValue(String.join(" ", requirements.split("\n")))
            .endEnv()
            .build();
    Pod pod =
        new PodBuilder()
            .withNewMetadata()
            .withName(NAME)
            .withNamespace(app.namespace())
            .endMetadata()
            .withNewSpecLike(job)
            .withInitContainers(List.of())
            .withContainers(build)
            .endSpec()
            .build();
    var pods = cluster.client().pods().inNamespace(app.namespace());
    pods.resource(pod).create();
    var ended =
        pods.withName(NAME)
            .waitUntilCondition(
                found -> found != null && found.getStatus() != null && List.of("Succeeded", "Failed").contains(found.getStatus().getPhase()),
                LIMIT_MINUTES,
                java.util.concurrent.TimeUnit.MINUTES);
    String said = pods.withName(NAME).getLog().strip();
    pods.withName(NAME).delete();
    if (!ended.getStatus().getPhase().equals("Succeeded")) {
      throw new IllegalStateException("pip alone failed: " + said);
    }
    return Duration.ofMillis(Long.parseLong(said));
  }
}
