package dev.functionapp.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.functionapp.v1alpha1.FunctionApp;
import org.junit.jupiter.api.Test;
import sh.keda.v1alpha1.ScaledObject;

class LenientSerializationTest {

  @Test
  void aFieldOfAnUnexpectedTypeIsAbsentAndTheOthersAreRead() {
    var app =
        LenientSerialization.create()
            .unmarshal(
                """
                {"metadata": {"name": "odd"},
                 "spec": {"settings": [1, {"a": 2}], "scaling": {"minReplicas": "many", "maxReplicas": 3},
                          "source": {"configMap": {"name": "code", "items": "all"}}}}
                """,
                FunctionApp.class);

    assertThat(app.getMetadata().getName()).isEqualTo("odd");
    assertThat(app.getSpec().getSettings()).isNull();
    assertThat(app.getSpec().getScaling().getMaxReplicas()).isEqualTo(3);
    assertThat(app.getSpec().getSource().getConfigMap().getName()).isEqualTo("code");
    assertThat(app.getSpec().getSource().getConfigMap().getItems()).isNull();
  }

  @Test
  void aFieldThatTheTypesDoNotHaveIsSkipped() {
    var scaledObject =
        LenientSerialization.create()
            .unmarshal(
                """
                {"metadata": {"name": "new"},
                 "status": {"authenticationsTypes": "", "triggersActivity": {"s0": {"isActive": true}},
                            "conditions": [{"type": "Ready", "status": "True", "since": 3}]}}
                """,
                ScaledObject.class);

    assertThat(scaledObject.getStatus().getConditions().getFirst().getStatus()).isEqualTo("True");
  }
}
