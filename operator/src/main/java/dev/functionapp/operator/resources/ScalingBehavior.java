package dev.functionapp.operator.resources;

import java.time.Duration;
import java.util.List;
import sh.keda.v1alpha1.scaledobjectspec.advanced.horizontalpodautoscalerconfig.Behavior;
import sh.keda.v1alpha1.scaledobjectspec.advanced.horizontalpodautoscalerconfig.behavior.ScaleDown;
import sh.keda.v1alpha1.scaledobjectspec.advanced.horizontalpodautoscalerconfig.behavior.ScaleUp;

/** How fast a group scales between its first and its last replica. */
final class ScalingBehavior {

  /** The longest that a HorizontalPodAutoscaler takes. */
  private static final long MAX_WINDOW_SECONDS = 3600;

  private ScalingBehavior() {}

  /**
   * Out at once, to the fourfold or by 8 within 15 s, whichever is more; in by half within 30 s at
   * the most, and only to what was enough all through the cooldown period.
   */
  static Behavior of(Duration cooldownPeriod) {
    var behavior = new Behavior();
    behavior.setScaleUp(scaleUp());
    behavior.setScaleDown(scaleDown(cooldownPeriod));
    return behavior;
  }

  private static ScaleUp scaleUp() {
    var percent =
        new sh.keda.v1alpha1.scaledobjectspec.advanced.horizontalpodautoscalerconfig.behavior
            .scaleup.Policies();
    percent.setType("Percent");
    percent.setValue(300);
    percent.setPeriodSeconds(15);
    var pods =
        new sh.keda.v1alpha1.scaledobjectspec.advanced.horizontalpodautoscalerconfig.behavior
            .scaleup.Policies();
    pods.setType("Pods");
    pods.setValue(8);
    pods.setPeriodSeconds(15);
    var rules = new ScaleUp();
    rules.setStabilizationWindowSeconds(0);
    rules.setSelectPolicy("Max");
    rules.setPolicies(List.of(percent, pods));
    return rules;
  }

  private static ScaleDown scaleDown(Duration cooldownPeriod) {
    var percent =
        new sh.keda.v1alpha1.scaledobjectspec.advanced.horizontalpodautoscalerconfig.behavior
            .scaledown.Policies();
    percent.setType("Percent");
    percent.setValue(50);
    percent.setPeriodSeconds(30);
    var rules = new ScaleDown();
    rules.setStabilizationWindowSeconds(
        (int) Math.min(MAX_WINDOW_SECONDS, cooldownPeriod.toSeconds()));
    rules.setSelectPolicy("Max");
    rules.setPolicies(List.of(percent));
    return rules;
  }
}
