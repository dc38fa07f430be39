package dev.functionapp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.e2e.app.FunctionApp;
import dev.functionapp.e2e.app.Status;
import dev.functionapp.e2e.storage.PackageStore;
import dev.functionapp.e2e.support.AppManifest;
import dev.functionapp.e2e.support.E2E;
import dev.functionapp.e2e.support.TestNamespace;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Earlier revisions are kept to return to, and no more of them than asked for. */
@E2E
class HistoryE2E {

  private static final String PATH = "/api/version";
  private static final int REVISIONS = 20;

  private final TestNamespace namespace;

  HistoryE2E(TestNamespace namespace) {
    this.namespace = namespace;
  }

  @Test
  void aPinReturnsToAnEarlierRevisionWithoutAJob() {
    AppManifest manifest = AppManifest.named("pinned");
    FunctionApp app = namespace.ready(manifest.answering("one"));
    String first = app.status().latestReadyRevision();
    namespace.ready(manifest.answering("two"));
    namespace.awaitAnswer(app, PATH, "two");
    assertThat(app.status().revisions()).extracting(Status.Revision::name).contains(first, app.status().latestReadyRevision());
    Set<String> jobs = jobs();

    long began = System.nanoTime();
    namespace.kubectl("patch", "functionapp", app.name(), "--type", "merge", "--patch", "{\"spec\": {\"rollout\": {\"pin\": \"" + first + "\"}}}").check();
    namespace.awaitAnswer(app, PATH, "one");
    System.out.printf("pin: the earlier revision answered after %.1f s%n", (System.nanoTime() - began) / 1e9);

    namespace.awaitReady(app);
    assertThat(jobs).containsAll(jobs());
    namespace.kubectl("patch", "functionapp", app.name(), "--type", "merge", "--patch", "{\"spec\": {\"rollout\": {\"pin\": null}}}").check();
    namespace.awaitAnswer(app, PATH, "two");
    assertThat(jobs).containsAll(jobs());
  }

  @Test
  @Timeout(value = 25, unit = TimeUnit.MINUTES)
  void manyRevisionsLeaveNoMoreThanAFew() {
    AppManifest manifest = AppManifest.named("many").spec("rollout", Map.of("historyLimit", 2));
    FunctionApp app = namespace.app(manifest.name());
    try (PackageStore store = PackageStore.open(namespace.client())) {
      for (int i = 0; i < 5; i++) {
        namespace.ready(manifest.answering("revision " + i));
      }
      namespace.await("the history to be cut", Duration.ofMinutes(2), () -> app.status().revisions().size() == 3);
      namespace.await("the pods before to be gone", Duration.ofMinutes(2), () -> app.pods("http").size() == 1);
      Map<String, Long> objects = objects();
      int blobs = store.blobs(namespace.name(), app.name()).size();
      assertThat(blobs).as("a package and an index for each revision that is kept").isEqualTo(2 * 3);

      for (int i = 5; i < REVISIONS; i++) {
        namespace.ready(manifest.answering("revision " + i));
      }
      namespace.awaitAnswer(app, PATH, "revision " + (REVISIONS - 1));

      namespace.await("the objects to be as many as before", Duration.ofMinutes(3), () -> {
        assertThat(objects()).isEqualTo(objects);
        return true;
      });
      namespace.await("the blobs to be as many as before", Duration.ofMinutes(2), () -> store.blobs(namespace.name(), app.name()).size() == blobs);
    }
  }

  /** How many objects of each kind the app has. */
  private Map<String, Long> objects() {
    String kinds = "deployments,replicasets,pods,jobs,configmaps,secrets,services,serviceaccounts,controllerrevisions,scaledobjects";
    String names = namespace.kubectl("get", kinds, "--selector", "functionapp.dev/app=many", "--output", "name").check();
    return names.lines().collect(Collectors.groupingBy(name -> name.substring(0, name.indexOf('/')), TreeMap::new, Collectors.counting()));
  }

  private Set<String> jobs() {
    return Set.copyOf(namespace.kubectl("get", "jobs", "--output", "name").check().lines().toList());
  }
}
