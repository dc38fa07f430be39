package dev.functionapp.e2e.support;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.app.ServiceProxy;
import dev.functionapp.e2e.app.Status;
import dev.functionapp.e2e.install.Namespaces;
import dev.functionapp.e2e.shell.Command;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** A namespace of one test class, where the restricted Pod Security Standard is enforced. */
public final class TestNamespace implements AutoCloseable {

  /** An app without requirements: a Job, an image that is there, a rollout. */
  public static final Duration READY = Duration.ofMinutes(2);

  private static final Duration POLL = Duration.ofMillis(250);

  private final Environment environment;
  private final String name;

  private TestNamespace(Environment environment, String name) {
    this.environment = environment;
    this.name = name;
  }

  static TestNamespace create(Environment environment, String testClass) {
    String name = testClass.toLowerCase(Locale.ROOT) + "-" + Long.toString(System.currentTimeMillis(), 36);
    Namespaces.restricted(environment.client(), name);
    return new TestNamespace(environment, name);
  }

  public String name() {
    return name;
  }

  public KubernetesClient client() {
    return environment.client();
  }

  /** A name that no other test uses, for queues and blob containers: the storage account is everybody's. */
  public String unique(String what) {
    return what + "-" + name;
  }

  /** A kubectl command in this namespace. */
  public Command kubectl(String... arguments) {
    return environment.cluster().kubectl("--namespace", name).with(arguments);
  }

  /** Applies an app as a user does. */
  public FunctionApp apply(AppManifest manifest) {
    applyText(manifest.json());
    return app(manifest.name());
  }

  /** Applies any manifest. */
  public void applyText(String manifest) {
    kubectl("apply", "--filename", "-").input(manifest).check();
  }

  /** Applies a manifest that must be refused, and returns what the user is told. */
  public String refusal(AppManifest manifest) {
    Command.Result result = kubectl("apply", "--filename", "-").input(manifest.json()).run();
    if (result.succeeded()) {
      throw new AssertionError("accepted: " + manifest.json());
    }
    return result.errors();
  }

  public FunctionApp app(String app) {
    return new FunctionApp(client(), name, app);
  }

  /** Applies an app and waits until it is ready. */
  public FunctionApp ready(AppManifest manifest) {
    FunctionApp app = apply(manifest);
    awaitReady(app);
    return app;
  }

  /** Waits until an app's spec, as it is now, is ready. */
  public void awaitReady(FunctionApp app) {
    await(app.name() + " is Ready", READY, app::isReady);
  }

  /** Waits for a condition and returns it. */
  public Status.Condition awaitCondition(FunctionApp app, String type, Predicate<Status.Condition> wanted) {
    return waiting(app.name() + "'s condition " + type, READY).until(() -> app.status().condition(type), wanted);
  }

  /** Waits until a condition is False for a reason, and returns it. */
  public Status.Condition awaitFalse(FunctionApp app, String type, String reason) {
    return awaitCondition(app, type, condition -> condition.isFalse() && condition.reason().equals(reason));
  }

  /** Waits until an HTTP function answers 200 with a text. */
  public void awaitAnswer(FunctionApp app, String path, String text) {
    await(app.name() + path + " answers " + text, READY, () -> {
      ServiceProxy.Answer answer = app.http().get(path);
      return answer.status() == 200 && answer.text().equals(text);
    });
  }

  /** Waits until something holds; what fails meanwhile is tried again. */
  public void await(String what, Duration limit, Callable<Boolean> condition) {
    waiting(what, limit).until(condition);
  }

  /** Asserts that something holds, and goes on to for a while. */
  public void hold(String what, Duration time, Callable<Boolean> condition) {
    Awaitility.await(what)
        .pollInterval(POLL)
        .pollDelay(Duration.ZERO)
        .during(time)
        .atMost(time.plusSeconds(30))
        .failFast("no longer: " + what, () -> !condition.call())
        .until(condition);
  }

  private static ConditionFactory waiting(String what, Duration limit) {
    return Awaitility.await(what).atMost(limit).pollInterval(POLL).pollDelay(Duration.ZERO).ignoreExceptions();
  }

  @Override
  public void close() {
    client().namespaces().withName(name).delete();
  }
}
