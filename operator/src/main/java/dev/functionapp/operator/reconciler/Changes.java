package dev.functionapp.operator.reconciler;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;

/** Tells a change of what is asked for from one of what was found. */
final class Changes {

  private Changes() {}

  /** Whether an object's spec, labels, annotations or owners have changed. */
  static boolean asked(HasMetadata before, HasMetadata after) {
    return !Stream.<Function<HasMetadata, Object>>of(
            object -> object.getMetadata().getGeneration(),
            object -> object.getMetadata().getLabels(),
            object -> object.getMetadata().getAnnotations(),
            object -> object.getMetadata().getOwnerReferences())
        .allMatch(aspect -> Objects.equals(aspect.apply(before), aspect.apply(after)));
  }
}
