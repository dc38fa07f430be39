package dev.functionapp.operator.plan;

import static dev.functionapp.operator.TestApps.broken;
import static dev.functionapp.operator.TestApps.http;
import static dev.functionapp.operator.TestApps.index;
import static dev.functionapp.operator.TestApps.queue;
import static dev.functionapp.operator.TestApps.spec;
import static dev.functionapp.operator.plan.PastRevisions.NOW;
import static dev.functionapp.operator.plan.PastRevisions.begun;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Which revisions there are to return to")
class HistoryTest {

  @Test
  void theNewestGoodOneIsReturnedToFirst() {
    var history = History.of(List.of(good("a", 1), failed("c", 3), good("b", 2), begun("d", 4)));

    assertThat(history.good("d")).extracting(PastRevision::name).containsExactly("b", "a");
    assertThat(history.good("b")).extracting(PastRevision::name).containsExactly("a");
    assertThat(history.isNewest("d")).isTrue();
    assertThat(history.nextNumber()).isEqualTo(5);
  }

  @Test
  void theLimitCountsThoseThatNothingUses() {
    var history =
        History.of(Stream.iterate(1, i -> i <= 6, i -> i + 1).map(i -> good("r" + i, i)).toList());

    assertThat(names(history.expired(2, Set.of("r1")))).containsExactly("r3", "r2");
    assertThat(names(history.expired(0, Set.of("r1", "r5")))).containsExactly("r4", "r3", "r2");
    assertThat(history.expired(50, Set.of())).isEmpty();
  }

  @Test
  void theOneToReturnToIsKeptWhateverTheLimit() {
    var history = History.of(List.of(good("a", 1), failed("b", 2), begun("c", 3)));

    assertThat(names(history.expired(0, Set.of("c")))).containsExactly("b");
  }

  @Test
  void oneThatIsAskedForAgainBeginsAnewUnlessItRuns() {
    var later = NOW.plusSeconds(60);
    var history = History.of(List.of(good("a", 1), good("b", 2)));

    assertThat(history.askedFor("b", true, later)).isEmpty();
    assertThat(history.askedFor("a", true, later)).contains(good("a", 3));
    assertThat(history.askedFor("a", false, later)).contains(good("a", 1).begun(3, later));
    assertThat(history.askedFor("c", false, later)).isEmpty();
  }

  @Test
  void anotherTryOfOneThatHasFailedBeginsAnewEvenIfItRuns() {
    var later = NOW.plusSeconds(60);
    var history = History.of(List.of(failed("a", 1)));

    assertThat(history.askedFor("a", true, later)).contains(begun("a", 1).begun(2, later));
  }

  @Test
  void whatOthersRunMayGoOnceARevisionIsGoodOrNoOtherIs() {
    var history = History.of(List.of(good("a", 1), begun("b", 2)));

    assertThat(history.isSettled("a")).isTrue();
    assertThat(history.isSettled("b")).isFalse();
    assertThat(History.of(List.of(failed("a", 1), begun("b", 2))).isSettled("b")).isTrue();
  }

  @Test
  void aFunctionThatLoadedBeforeAndDoesNotNowIsARegression() {
    var serving = index(http("upload"), queue("resize"), broken("mail"));

    var asked = index(broken("upload"), broken("mail"));
    var all = spec().arrangement();

    assertThat(Regressions.of(serving, asked, all)).isEqualTo("upload: no module named x");
    assertThat(Regressions.of(serving, index(http("upload"), broken("new")), all)).isEmpty();
    var disabled = new Arrangement(List.of(), new TreeMap<>(Map.of("upload", true)), false);
    assertThat(Regressions.of(serving, asked, disabled)).isEmpty();
  }

  private static List<String> names(List<PastRevision> revisions) {
    return revisions.stream().map(PastRevision::name).toList();
  }

  private static PastRevision good(String name, long number) {
    return begun(name, number).ready(NOW);
  }

  private static PastRevision failed(String name, long number) {
    return good(name, number)
        .failed(new PastRevision.Failure(Reason.ProgressDeadlineExceeded, "late", "1"));
  }
}
