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

  /** Whether a Secret that pods mount is always there, because the operator sees to it. */
  public static boolean isKept(String app, String name) {
    return name.equals(Names.of(app, PACKAGE_PURPOSE))
        || name.equals(Names.of(app, STORAGE_PURPOSE));
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

  /**
   * Function keys for an app that names no Secret of its own.
   *
   * @param keys key by entry, for example {@code host.master}
   */
  public static Secret functionKeys(AppId app, Map<String, String> keys) {
    return secret(app, keysPurpose(app), Labels.Component.KEYS, keys);
  }

  static String functionKeysName(AppId app) {
    return Names.of(app.name(), keysPurpose(app));
  }

  /**
   * Each life of an app's name has keys of its own: the ones before may still be on their way out.
   */
  private static String keysPurpose(AppId app) {
    return "keys/" + app.uid();
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
