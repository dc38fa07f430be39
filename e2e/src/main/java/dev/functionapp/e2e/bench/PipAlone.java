package dev.functionapp.e2e.bench;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.cluster.Cluster;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The floor of a first build: {@code pip install} and nothing else, in a container that is the build step's but for its command. */
record PipAlone(Cluster cluster, FunctionApp app, Path trusted) {

  private static final String NAME = "pip-alone";
  private static final String TEMPORARY_FILES = "/tmp";
  private static final String CERTIFICATES = "/var/run/funcapp/ca";
  private static final long LIMIT_MINUTES = 10;

  /** What pip takes, without the start of its container. */
  Duration measure(String requirements) {
    String pip = "python3 -m pip install --no-cache-dir --disable-pip-version-check --quiet --no-compile --target /tmp/libraries";
    String script =
        "start=$(date +%s%N); " + pip + " $REQUIREMENTS >/dev/null 2>/tmp/pip.log || { cat /tmp/pip.log; exit 1; }; echo $((($(date +%s%N) - start) / 1000000))";
    PodSpec job = app.jobs().getFirst().getSpec().getTemplate().getSpec();
    // Of what the build step mounts nothing else is needed, and most of it is gone when the step has ended.
    Container build =
        new ContainerBuilder(job.getInitContainers().getFirst())
            .withCommand("bash", "-c", script)
            .removeMatchingFromVolumeMounts(mount -> !List.of(TEMPORARY_FILES, CERTIFICATES).contains(mount.getMountPath()))
            .addNewEnv()
            .withName("REQUIREMENTS")
            .withValue(String.join(" ", requirements.split("\n")))
            .endEnv()
            .build();
    List<String> mounted = build.getVolumeMounts().stream().map(VolumeMount::getName).toList();
    cluster.kubectl("--namespace", app.namespace(), "create", "configmap", NAME, "--from-file", "ca.crt=" + trusted).check();
    Pod pod =
        new PodBuilder()
            .withNewMetadata()
            .withName(NAME)
            .withNamespace(app.namespace())
            .endMetadata()
            .withNewSpecLike(job)
            .withInitContainers(List.of())
            .withContainers(build)
            .removeMatchingFromVolumes(volume -> !mounted.contains(volume.getName()))
            .editMatchingVolume(volume -> volume.buildConfigMap() != null)
            .editConfigMap()
            .withName(NAME)
            .endConfigMap()
            .endVolume()
            .endSpec()
            .build();
    var pods = cluster.client().pods().inNamespace(app.namespace());
    pods.resource(pod).create();
    var ended =
        pods.withName(NAME)
            .waitUntilCondition(
                found -> found != null && found.getStatus() != null && List.of("Succeeded", "Failed").contains(found.getStatus().getPhase()),
                LIMIT_MINUTES,
                TimeUnit.MINUTES);
    String said = pods.withName(NAME).getLog().strip();
    pods.withName(NAME).delete();
    cluster.client().configMaps().inNamespace(app.namespace()).withName(NAME).delete();
    if (!ended.getStatus().getPhase().equals("Succeeded")) {
      throw new IllegalStateException("pip alone failed: " + said);
    }
    return Duration.ofMillis(Long.parseLong(said));
  }
}
