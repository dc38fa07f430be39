package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.app.Status;
import dev.functionapp.e2e.support.AppManifest;
import dev.functionapp.e2e.support.Environment;
import dev.functionapp.e2e.support.SideBySide;
import dev.functionapp.e2e.support.TestNamespace;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A queue that cannot be read is named, affects no other, and is found once it can. */
@SideBySide
class ScalingMistakesE2E {

  private final Environment environment;
  private final TestNamespace namespace;

  ScalingMistakesE2E(Environment environment, TestNamespace namespace) {
    this.environment = environment;
    this.namespace = namespace;
  }

  @Test
  void aQueueThatIsNotThereYetIsFoundWhenItIs() {
    String absent = namespace.unique("absent");
    String present = namespace.unique("present");
    environment.storage().createQueue(present);
    FunctionApp app = namespace.ready(AppManifest.named("early").worker("later", absent, absent).worker("now", present, present));

    Status.Condition scaling = namespace.awaitCondition(app, "ScalingReady", condition -> condition.isFalse() && condition.message().contains(absent));
    assertThat(scaling.message()).doesNotContain(present);
    assertThat(app.isReady()).isTrue();
    environment.storage().send(present, AppManifest.job("now", 0));
    namespace.await("the other queue's message", Duration.ofMinutes(1), () -> environment.storage().blobs(present, "").size() == 1);

    environment.storage().send(absent, AppManifest.job("later", 0));
    namespace.await("its message", Duration.ofMinutes(2), () -> environment.storage().blobs(absent, "").size() == 1);
    namespace.awaitCondition(app, "ScalingReady", Status.Condition::isTrue);
  }

  @Test
  void aWrongConnectionIsNamedAndTheOtherGroupsScale() {
    String wrong = namespace.unique("wrong");
    String right = namespace.unique("right");
    environment.storage().createQueue(wrong);
    environment.storage().createQueue(right);
    AppManifest manifest =
        AppManifest.named("connected")
            .worker("stranger", AppManifest.WORK, wrong, "ELSEWHERE", wrong + "/{id}")
            .worker("friend", right, right);
    FunctionApp app = namespace.ready(manifest.setting("ELSEWHERE", environment.storage().connectionString("d3Jvbmc=")));

    Status.Condition scaling = namespace.awaitCondition(app, "ScalingReady", condition -> condition.isFalse() && condition.message().contains(wrong));
    assertThat(scaling.message()).doesNotContain("d3Jvbmc").doesNotContain(right);
    environment.storage().send(wrong, AppManifest.job("wrong", 0));
    environment.storage().send(right, AppManifest.job("right", 0));
    namespace.await("the other group's message", Duration.ofMinutes(1), () -> environment.storage().blobs(right, "").size() == 1);
    assertThat(app.replicas("queue-stranger")).isZero();

    namespace.apply(manifest.spec("settings", Map.of("ELSEWHERE", environment.storage().connectionString())));
    namespace.await("the message behind the mended connection", Duration.ofMinutes(2), () -> environment.storage().blobs(wrong, "").size() == 1);
    namespace.awaitCondition(app, "ScalingReady", Status.Condition::isTrue);
  }
}
