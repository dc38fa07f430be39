package dev.functionapp.operator.resources;

import dev.functionapp.operator.plan.AppId;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/** Secrets of an app. */
public final class Secrets {

  private static final String PACKAGE_PURPOSE = "package";
  private static final String STORAGE_PURPOSE = "storage";

  private Secrets() {}

  /**
   * What lets pods reach the package store.
   *
   * @param grants JSON by key; see {@link #workerGrantKey} and {@link #prepareGrantKey}
   */
  public static Secret packageGrants(AppId app, Map<String, String> grants) {
    return secret(app, PACKAGE_PURPOSE, Labels.Component.PACKAGE, grants);
  }

  static String packageGrantsName(AppId app) {
    return Names.of(app.name(), PACKAGE_PURPOSE);
  }

  /** The key of what a worker of a revision gets. */
  public static String workerGrantKey(String revision) {
    return revision + ".package.json";
  }

  /** The key of what a revision's prepare Job gets. */
  public static String prepareGrantKey(String revision) {
    return revision + ".prepare.json";
  }

  /** The chart's evaluation storage, as the app's default connection. */
  public static Secret evaluationStorage(AppId app, String connectionString) {
    return secret(
        app,
        STORAGE_PURPOSE,
        Labels.Component.SETTINGS,
        Map.of("AzureWebJobsStorage", connectionString));
  }

  static String evaluationStorageName(AppId app) {
    return Names.of(app.name(), STORAGE_PURPOSE);
  }

  private static Secret secret(
      AppId app, String purpose, Labels.Component component, Map<String, String> entries) {
    var data = new TreeMap<String, String>();
    entries.forEach((key, value) ->
        data.put(key, Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8))));
    return new SecretBuilder()
        .withMetadata(ObjectMetadata.of(app, purpose, component).build())
        .withType("Opaque")
        .withData(data)
        .build();
  }
}
