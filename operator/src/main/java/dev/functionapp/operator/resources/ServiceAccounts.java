package dev.functionapp.operator.resources;

import dev.functionapp.operator.plan.AppId;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;

/** The identity that an app's pods run under; it may do nothing and gets no token. */
public final class ServiceAccounts {

  private static final String PURPOSE = "worker";

  private ServiceAccounts() {}

  public static ServiceAccount serviceAccount(AppId app) {
    return new ServiceAccountBuilder()
        .withMetadata(ObjectMetadata.of(app, PURPOSE, Labels.Component.WORKER).build())
        .withAutomountServiceAccountToken(false)
        .build();
  }

  static String name(AppId app) {
    return Names.of(app.name(), PURPOSE);
  }
}
