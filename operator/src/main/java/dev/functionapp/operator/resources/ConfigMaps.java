package dev.functionapp.operator.resources;

import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.Digests;
import dev.functionapp.operator.plan.Revision;
import dev.functionapp.operator.plan.SourceContent;
import dev.functionapp.operator.plan.SourceFile;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.KeyToPathBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * ConfigMaps of an app. Those named by their content are immutable, so that every pod keeps what it
 * was started with.
 */
public final class ConfigMaps {

  /** The key of the certificates in the ConfigMap of {@link #trustedCa}. */
  static final String CA_KEY = "ca.crt";

  private ConfigMaps() {}

  /**
   * Settings by name, which become the workers' environment: the app's own, or a copy of what a
   * user's ConfigMap held when the revision was made.
   */
  public static ConfigMap settings(AppId app, Map<String, String> data) {
    return new ConfigMapBuilder()
        .withMetadata(
            ObjectMetadata.of(app, settingsPurpose(data), Labels.Component.SETTINGS).build())
        .withImmutable(true)
        .withData(data)
        .build();
  }

  static String settingsName(AppId app, Map<String, String> data) {
    return Names.of(app.name(), settingsPurpose(data));
  }

  /**
   * The app's files under keys that a ConfigMap allows, where the operator has them; {@link
   * #sourceItems} puts them in their places.
   */
  public static Optional<ConfigMap> source(AppId app, Revision revision) {
    return revision.content() instanceof SourceContent.Files(var files)
        ? Optional.of(source(app, revision, files))
        : Optional.empty();
  }

  private static ConfigMap source(AppId app, Revision revision, List<SourceFile> files) {
    var data = new TreeMap<String, String>();
    var binaryData = new TreeMap<String, String>();
    for (int i = 0; i < files.size(); i++) {
      var file = files.get(i);
      (file.binary() ? binaryData : data).put(sourceKey(i), file.content());
    }
    return new ConfigMapBuilder()
        .withMetadata(
            ObjectMetadata.of(app, sourcePurpose(revision), Labels.Component.PREPARE).build())
        .withImmutable(true)
        .withData(data)
        .withBinaryData(binaryData)
        .build();
  }

  static String sourceName(AppId app, Revision revision) {
    return Names.of(app.name(), sourcePurpose(revision));
  }

  static List<KeyToPath> sourceItems(List<SourceFile> files) {
    var items = new ArrayList<KeyToPath>();
    for (int i = 0; i < files.size(); i++) {
      items.add(new KeyToPathBuilder().withKey(sourceKey(i)).withPath(files.get(i).path()).build());
    }
    return items;
  }

  /** Certificates that builds trust. */
  public static ConfigMap trustedCa(AppId app, String certificates) {
    return new ConfigMapBuilder()
        .withMetadata(ObjectMetadata.of(app, "ca", Labels.Component.PREPARE).build())
        .addToData(CA_KEY, certificates)
        .build();
  }

  static String trustedCaName(AppId app) {
    return Names.of(app.name(), "ca");
  }

  private static String settingsPurpose(Map<String, String> data) {
    return "settings/" + Digests.shortDigest(data);
  }

  private static String sourcePurpose(Revision revision) {
    return "source/" + revision.packageKey();
  }

  private static String sourceKey(int i) {
    return "file-" + i;
  }
}
