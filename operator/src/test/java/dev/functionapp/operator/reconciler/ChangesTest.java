package dev.functionapp.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import org.junit.jupiter.api.Test;

/** Which changes of an object are an occasion to look at its app again. */
class ChangesTest {

  private static final PodDisruptionBudget BUDGET =
      new PodDisruptionBudgetBuilder()
          .withNewMetadata()
          .withName("orders")
          .withGeneration(1L)
          .withResourceVersion("1")
          .addToLabels("a", "b")
          .endMetadata()
          .build();

  @Test
  void aStatusThatFollowsThePodsIsNone() {
    var after =
        edit().editMetadata().withResourceVersion("2").endMetadata().withNewStatus().endStatus();

    assertThat(Changes.asked(BUDGET, after.build())).isFalse();
  }

  @Test
  void whatSomeoneChangesOfWhatIsAskedForIsOne() {
    var spec = edit().editMetadata().withGeneration(2L).endMetadata();
    var labels = edit().editMetadata().removeFromLabels("a").endMetadata();
    var annotations = edit().editMetadata().addToAnnotations("c", "d").endMetadata();
    var owners = edit().editMetadata().addNewOwnerReference().endOwnerReference().endMetadata();

    assertThat(Changes.asked(BUDGET, spec.build())).isTrue();
    assertThat(Changes.asked(BUDGET, labels.build())).isTrue();
    assertThat(Changes.asked(BUDGET, annotations.build())).isTrue();
    assertThat(Changes.asked(BUDGET, owners.build())).isTrue();
  }

  private static PodDisruptionBudgetBuilder edit() {
    return new PodDisruptionBudgetBuilder(BUDGET);
  }
}
