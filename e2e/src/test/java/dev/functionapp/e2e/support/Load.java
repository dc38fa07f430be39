package dev.functionapp.e2e.support;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Requests to an app from inside the cluster, over kept and new connections, as its clients make them. */
public final class Load {

  private final TestNamespace namespace;
  private final String pod;

  private Load(TestNamespace namespace, String pod) {
    this.namespace = namespace;
    this.pod = pod;
  }

  /**
   * What came of them.
   *
   * @param answers how often each text was answered
   * @param failures the first of them, in words
   */
  public record Result(int requests, double seconds, Map<String, Integer> answers, List<String> failures, int failed) {}

  /**
   * Starts to ask and waits until the first request can have been answered.
   *
   * @param image a worker image: it has Python, and the node has it
   * @param seconds how long it goes on at least
   * @param rate requests a second
   */
  public static Load start(TestNamespace namespace, String image, String app, String path, int seconds, int rate) {
    Pod pod =
        new PodBuilder()
            .withNewMetadata()
            .withGenerateName("load-on-" + app + "-")
            .withNamespace(namespace.name())
            .endMetadata()
            .withNewSpec()
            .withRestartPolicy("Never")
            .withAutomountServiceAccountToken(false)
            .withNewSecurityContext()
            .withRunAsNonRoot(true)
            .withNewSeccompProfile()
            .withType("RuntimeDefault")
            .endSeccompProfile()
            .endSecurityContext()
            .addNewContainer()
            .withName("load")
            .withImage(image)
            .withCommand("python3", "-c", script(), app, path, String.valueOf(seconds), String.valueOf(rate))
            .withNewSecurityContext()
            .withAllowPrivilegeEscalation(false)
            .withNewCapabilities()
            .addToDrop("ALL")
            .endCapabilities()
            .endSecurityContext()
            .endContainer()
            .endSpec()
            .build();
    Pod created = namespace.client().resource(pod).create();
    namespace.client().resource(created).waitUntilReady(1, TimeUnit.MINUTES);
    return new Load(namespace, created.getMetadata().getName());
  }

  /** Ends it, no sooner than it was to last, and tells what came of it. */
  public Result stop() {
    namespace.kubectl("exec", pod, "--", "touch", "/tmp/stop").check();
    var resource = namespace.client().pods().inNamespace(namespace.name()).withName(pod);
    namespace.await("the load to end", Duration.ofMinutes(3), () -> resource.get().getStatus().getPhase().equals("Succeeded"));
    try {
      return new ObjectMapper().readValue(resource.getLog().lines().reduce((first, last) -> last).orElseThrow(), Result.class);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  private static String script() {
    try (var script = Load.class.getResourceAsStream("/load.py")) {
      return new String(script.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
