package dev.functionapp.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.QueueUse;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Two apps on one queue are warned of")
class QueueUsersTest {

  private static final AppId FIRST = new AppId("shop", "first", "1");
  private static final AppId SECOND = new AppId("shop", "second", "2");
  private static final QueueUse PHOTOS = new QueueUse("resize", "photos", "secret storage/A");

  private final Set<AppId> there = new HashSet<>(Set.of(FIRST, SECOND));
  private final QueueUsers users = new QueueUsers();

  @Test
  void eachIsToldOfTheOtherWithFunctionAndQueue() {
    assertThat(note(FIRST, PHOTOS)).isEmpty();

    var told = note(SECOND, new QueueUse("thumb", "photos", "secret storage/A"));

    assertThat(told.orElseThrow())
        .startsWith(
            "thumb takes from the queue \"photos\", and so does resize of the FunctionApp"
                + " \"first\"")
        .contains("name another queue")
        .doesNotContain("secret storage");
    assertThat(note(FIRST, PHOTOS).orElseThrow()).contains("the FunctionApp \"second\"");
  }

  @Test
  void anotherQueueAccountOrNamespaceIsNobodysBusiness() {
    note(FIRST, PHOTOS);

    assertThat(note(SECOND, new QueueUse("resize", "films", "secret storage/A"))).isEmpty();
    assertThat(note(SECOND, new QueueUse("resize", "photos", "secret other/A"))).isEmpty();
    assertThat(note(new AppId("lab", "first", "3"), PHOTOS)).isEmpty();
  }

  @Test
  void anAppThatIsGoneOrTakesNoMoreIsForgotten() {
    note(FIRST, PHOTOS);
    assertThat(note(SECOND, PHOTOS)).isPresent();

    there.remove(FIRST);
    assertThat(note(SECOND, PHOTOS)).isEmpty();

    users.note(SECOND, Set.of(), there::contains);
    there.add(FIRST);
    assertThat(note(FIRST, PHOTOS)).isEmpty();
  }

  @Test
  void anotherLifeOfTheSameNameIsTheSameApp() {
    note(FIRST, PHOTOS);

    assertThat(note(new AppId("shop", "first", "9"), PHOTOS)).isEmpty();
  }

  private Optional<String> note(AppId app, QueueUse use) {
    return users.note(app, Set.of(use), there::contains);
  }
}
