package dev.functionapp.operator.resources;

import dev.functionapp.operator.plan.ComputeResources;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import java.util.Map;
import java.util.TreeMap;

/** Resource requirements of containers. */
final class Compute {

  private Compute() {}

  static ResourceRequirements of(ComputeResources resources) {
    return of(resources.requests(), resources.limits());
  }

  static ResourceRequirements of(Map<String, String> requests, Map<String, String> limits) {
    return new ResourceRequirementsBuilder()
        .withRequests(quantities(requests))
        .withLimits(quantities(limits))
        .build();
  }

  private static Map<String, Quantity> quantities(Map<String, String> texts) {
    var quantities = new TreeMap<String, Quantity>();
    texts.forEach((name, text) -> quantities.put(name, new Quantity(text)));
    return quantities;
  }
}
