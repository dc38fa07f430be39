package dev.functionapp.operator.resources;

import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.Group;
import dev.functionapp.operator.plan.Trigger.Connection;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import sh.keda.v1alpha1.TriggerAuthentication;
import sh.keda.v1alpha1.TriggerAuthenticationSpec;
import sh.keda.v1alpha1.triggerauthenticationspec.PodIdentity;

/**
 * As whom KEDA reads queues that are reached by identity. They are named by what they say, so a
 * ScaledObject never meets one that says something else than it was made for.
 */
public final class TriggerAuthentications {

  private TriggerAuthentications() {}

  /** What a scale's queues need, each once. */
  public static Collection<TriggerAuthentication> of(AppId app, Group.Scaled scale) {
    var byName = new TreeMap<String, TriggerAuthentication>();
    for (var queue : scale.queues()) {
      if (queue.connection().form() == Connection.Form.IDENTITY) {
        byName.computeIfAbsent(
            name(app, queue.connection()), name -> triggerAuthentication(app, queue.connection()));
      }
    }
    return List.copyOf(byName.values());
  }

  static String name(AppId app, Connection connection) {
    return Names.of(app.name(), purpose(connection));
  }

  private static String purpose(Connection connection) {
    return "identity/" + connection.clientId().orElse("");
  }

  private static TriggerAuthentication triggerAuthentication(AppId app, Connection connection) {
    var identity = new PodIdentity();
    identity.setProvider("azure-workload");
    // Without one KEDA is itself; it refuses an empty text.
    connection.clientId().ifPresent(identity::setIdentityId);
    var spec = new TriggerAuthenticationSpec();
    spec.setPodIdentity(identity);
    var object = new TriggerAuthentication();
    object.setMetadata(
        ObjectMetadata.of(app, purpose(connection), Labels.Component.WORKER).build());
    object.setSpec(spec);
    return object;
  }
}
