package dev.functionapp.operator.resources;

import dev.functionapp.operator.plan.AppId;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;

/** Where an app's HTTP functions answer. */
public final class Services {

  static final int PORT = 80;

  private Services() {}

  /**
   * Has the app's own name, because people type it.
   *
   * @param group the object name of the group that serves
   */
  public static Service service(AppId app, String group) {
    return new ServiceBuilder()
        .withMetadata(ObjectMetadata.named(app, "service", Labels.Component.WORKER))
        .withNewSpec()
        .withSelector(Labels.selector(app.name(), group))
        .addNewPort()
        .withName("http")
        .withPort(PORT)
        .withProtocol("TCP")
        .withTargetPort(new IntOrString(Deployments.HTTP_PORT_NAME))
        .endPort()
        .endSpec()
        .build();
  }
}
