package dev.functionapp.operator.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who may call an app: its keys, and CORS. */
class HttpIT {

  private static final String SPEC =
      "{source: {inline: {files: {function_app.py: \"%s\"}}}, http: %s}";

  private static Cluster cluster;
  private static Preparer preparer;

  @BeforeAll
  static void start() {
    cluster = new Cluster();
    preparer = new Preparer(cluster);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void keysAreMadeOnceAndAreTheUsersFromThenOn() {
    deploy("open", "{}");
    var made = keys("open").getFirst();
    assertThat(made.getData()).containsOnlyKeys("host.master", "host.function.default");
    assertThat(made.getData().values())
        .doesNotHaveDuplicates()
        .allSatisfy(key -> assertThat(decoded(key)).matches("[A-Za-z0-9_-]{54}"));
    assertThat(mounted("open")).isEqualTo(made.getMetadata().getName());

    cluster
        .client
        .resource(made)
        .edit(secret -> {
          secret.getData().put("host.master", "bXk=");
          secret.getData().put("host.function.partner", "cGFydG5lcg==");
          return secret;
        });
    var edited = keys("open");
    cluster.stopOperator();
    cluster.startOperator();
    cluster.apply("open", "{source: {inline: {files: {function_app.py: again}}}}");
    preparer.prepare("open", Preparer.HTTP);
    await("the next revision")
        .atMost(30, SECONDS)
        .until(() ->
            http("open")
                .getMetadata()
                .getLabels()
                .get("functionapp.dev/revision")
                .equals(cluster.app("open").getStatus().getLatestCreatedRevision()));

    assertThat(keys("open")).isEqualTo(edited);
  }

  @Test
  void anAppThatNamesItsKeysGetsNoOthers() {
    deploy("named", "{keys: {secretRef: {name: own-keys}}}");

    assertThat(keys("named")).isEmpty();
    assertThat(mounted("named")).isEqualTo("own-keys");
  }

  /** A change of the origins is no reason to verify anything again. */
  @Test
  void corsRollsOutWithoutAnotherRevision() {
    deploy("shared", "{}");
    var before = http("shared").getMetadata().getLabels();
    var jobs = cluster.objects(Job.class, "shared");

    cluster.apply(
        "shared", SPEC.formatted("shared", "{cors: {allowedOrigins: [\"https://shop.example\"]}}"));

    await("the origins in the environment")
        .atMost(30, SECONDS)
        .until(() ->
            http("shared")
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getEnv()
                .stream()
                .anyMatch(variable ->
                    variable.getName().equals("CORS_ALLOWED_ORIGINS")
                        && variable.getValue().equals("[\"https://shop.example\"]")));
    assertThat(http("shared").getMetadata().getLabels()).isEqualTo(before);
    assertThat(cluster.objects(Job.class, "shared")).isEqualTo(jobs);
  }

  private static void deploy(String app, String http) {
    cluster.apply(app, SPEC.formatted(app, http));
    preparer.prepare(app, Preparer.HTTP);
    await("its Deployment")
        .atMost(30, SECONDS)
        .until(() -> cluster.deployment(app, "http").isPresent());
  }

  private static Deployment http(String app) {
    return cluster.deployment(app, "http").orElseThrow();
  }

  private static String mounted(String app) {
    return http(app).getSpec().getTemplate().getSpec().getVolumes().stream()
        .filter(volume -> volume.getName().equals("keys"))
        .map(volume -> volume.getSecret().getSecretName())
        .findFirst()
        .orElseThrow();
  }

  private static List<Secret> keys(String app) {
    return cluster
        .client
        .secrets()
        .inNamespace(cluster.namespace)
        .withLabel("functionapp.dev/app", app)
        .withLabel("app.kubernetes.io/component", "keys")
        .list()
        .getItems();
  }

  private static String decoded(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
  }
}
