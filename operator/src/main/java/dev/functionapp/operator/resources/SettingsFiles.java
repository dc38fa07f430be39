package dev.functionapp.operator.resources;

import dev.functionapp.operator.plan.SettingsSource;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.ArrayList;
import java.util.List;

/**
 * The objects that settings come from, as folders: a container's environment never changes, but the
 * kubelet keeps these files up to date, so a Secret that is rotated reaches workers that run.
 */
final class SettingsFiles {

  /** Holds one folder for each object; of equal names the one in the last folder wins. */
  static final String FOLDER = "settings";

  /** A file's name ends at 255 bytes, which an object's name with a number before it may pass. */
  private static final int MAX_NAME = 200;

  private final List<SettingsSource> objects;

  /**
   * @param objects lowest precedence first
   */
  SettingsFiles(List<SettingsSource> objects) {
    this.objects = objects;
  }

  List<Volume> volumes() {
    var volumes = new ArrayList<Volume>();
    for (int i = 0; i < objects.size(); i++) {
      volumes.add(
          switch (objects.get(i)) {
            // Of a Secret that is missing the environment tells, which names it in the pod's
            // status.
            case SettingsSource.FromSecret(var name) -> Volumes.secret(volume(i), name, true);
            case SettingsSource.FromConfigMap(var name) ->
                Volumes.configMap(volume(i), name, List.of());
          });
    }
    return volumes;
  }

  List<VolumeMount> mounts() {
    var mounts = new ArrayList<VolumeMount>();
    for (int i = 0; i < objects.size(); i++) {
      var name = objects.get(i).name();
      var folder = "%02d-%s".formatted(i, name.substring(0, Math.min(name.length(), MAX_NAME)));
      mounts.add(Volumes.runMount(volume(i), FOLDER + "/" + folder));
    }
    return mounts;
  }

  private static String volume(int i) {
    return "settings-%02d".formatted(i);
  }
}
