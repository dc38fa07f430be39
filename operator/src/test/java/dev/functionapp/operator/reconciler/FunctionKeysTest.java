package dev.functionapp.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class FunctionKeysTest {

  @Test
  void keysFitIntoUrlsAndAreNeverTheSame() {
    var keys = new FunctionKeys();
    var first = keys.generate();
    var made = new ArrayList<>(first.values());
    made.addAll(keys.generate().values());

    assertThat(first).containsOnlyKeys("host.master", "host.function.default");
    assertThat(made)
        .doesNotHaveDuplicates()
        .allSatisfy(key -> assertThat(key).matches("[A-Za-z0-9_-]{54}"));
  }
}
