package dev.functionapp.operator.resources;

import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.List;

/**
 * Folders of an app's pods. The root file system is read-only; scratch folders have a size limit.
 */
final class Volumes {

  static final String APP_PATH = "/home/site/wwwroot";

  private static final String RUN_PATH = "/var/run/funcapp/";
  private static final int OWNER_AND_GROUP_READ = 0440;

  private Volumes() {}

  static Volume scratch(String name, String sizeLimit) {
    return new VolumeBuilder()
        .withName(name)
        .withNewEmptyDir()
        .withSizeLimit(new Quantity(sizeLimit))
        .endEmptyDir()
        .build();
  }

  /** One entry of a Secret as a file. */
  static Volume secretFile(String name, String secret, String key, String file) {
    return new VolumeBuilder()
        .withName(name)
        .withNewSecret()
        .withSecretName(secret)
        .withDefaultMode(OWNER_AND_GROUP_READ)
        .addNewItem()
        .withKey(key)
        .withPath(file)
        .endItem()
        .endSecret()
        .build();
  }

  /**
   * Every entry of a Secret as a file.
   *
   * @param optional whether pods start without it
   */
  static Volume secret(String name, String secret, boolean optional) {
    return new VolumeBuilder()
        .withName(name)
        .withNewSecret()
        .withSecretName(secret)
        .withDefaultMode(OWNER_AND_GROUP_READ)
        .withOptional(optional ? true : null)
        .endSecret()
        .build();
  }

  /** Entries of a ConfigMap as files; without items all of them. */
  static Volume configMap(String name, String configMap, List<KeyToPath> items) {
    return new VolumeBuilder()
        .withName(name)
        .withNewConfigMap()
        .withName(configMap)
        .withItems(items)
        .endConfigMap()
        .build();
  }

  static VolumeMount mount(String volume, String path) {
    return new VolumeMountBuilder().withName(volume).withMountPath(path).build();
  }

  /** A read-only mount where the contract expects the operator's own files. */
  static VolumeMount runMount(String volume) {
    return runMount(volume, volume);
  }

  static VolumeMount runMount(String volume, String folder) {
    return new VolumeMountBuilder()
        .withName(volume)
        .withMountPath(runPath(folder))
        .withReadOnly(true)
        .build();
  }

  static String runPath(String path) {
    return RUN_PATH + path;
  }
}
