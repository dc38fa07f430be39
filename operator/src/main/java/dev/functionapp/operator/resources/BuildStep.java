package dev.functionapp.operator.resources;

import dev.functionapp.operator.plan.AppSpec;
import dev.functionapp.operator.plan.Digests;
import dev.functionapp.operator.plan.Platform;
import dev.functionapp.operator.plan.Revision;
import dev.functionapp.operator.plan.SourceContent;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The step that fetches an app and makes its package; it sees none of the app's settings. */
final class BuildStep {

  private static final String SOURCE = "source";
  private static final String PIP = "pip";

  private final AppSpec spec;
  private final Revision revision;
  private final Platform platform;
  private final SourceAccess source;

  BuildStep(AppSpec spec, Revision revision, Platform platform) {
    this.spec = spec;
    this.revision = revision;
    this.platform = platform;
    this.source = SourceAccess.toContent(spec.id(), spec.source(), revision.content(), platform);
  }

  /**
   * The container.
   *
   * @param mounts all that it sees
   */
  Container container(List<VolumeMount> mounts) {
    return Jobs.step("build", revision.image(), platform.imagePullPolicy())
        .withEnv(variables())
        .withResources(
            Compute.of(
                Map.of("cpu", "100m", "memory", "256Mi"),
                Map.of("memory", platform.buildMemoryLimit())))
        .withVolumeMounts(mounts)
        .build();
  }

  /** What it sees and the verification does not. */
  List<VolumeMount> mounts() {
    var mounts = new ArrayList<VolumeMount>();
    if (revision.content() instanceof SourceContent.Files) {
      mounts.add(Volumes.runMount(SOURCE));
    }
    mounts.addAll(source.mounts());
    spec.build().pipSecret().ifPresent(name -> mounts.add(Volumes.runMount(PIP)));
    return mounts;
  }

  List<Volume> volumes() {
    var volumes = new ArrayList<Volume>();
    if (revision.content() instanceof SourceContent.Files(var files)) {
      volumes.add(
          Volumes.configMap(
              SOURCE, ConfigMaps.sourceName(spec.id(), revision), ConfigMaps.sourceItems(files)));
    }
    volumes.addAll(source.volumes());
    spec.build().pipSecret().ifPresent(name -> volumes.add(Volumes.secret(PIP, name, false)));
    return volumes;
  }

  String access() {
    return Digests.shortDigest(
        Map.of(
            "source", source.digest(),
            "pip", spec.build().pipSecret().orElse(""),
            "pull", spec.source().pullSecrets()));
  }

  private List<EnvVar> variables() {
    var build = spec.build();
    var variables = new ArrayList<EnvVar>();
    variables.add(Jobs.variable("FUNCAPP_NAMESPACE", spec.id().namespace()));
    variables.add(Jobs.variable("FUNCAPP_NAME", spec.id().name()));
    variables.add(Jobs.variable("FUNCAPP_REVISION", revision.name()));
    variables.addAll(source.variables());
    variables.add(Jobs.variable("FUNCAPP_BUILD_MODE", build.mode().value()));
    variables.add(
        Jobs.variable("FUNCAPP_SOURCE_DISTRIBUTIONS", "" + platform.sourceDistributions()));
    var index = build.pipIndexUrl().orElse(platform.pipIndexUrl());
    if (!index.isEmpty()) {
      variables.add(Jobs.variable("PIP_INDEX_URL", index));
    }
    if (!build.pipExtraIndexUrls().isEmpty()) {
      variables.add(
          Jobs.variable("PIP_EXTRA_INDEX_URL", String.join(" ", build.pipExtraIndexUrls())));
    }
    var indexes =
        Stream.concat(build.pipIndexUrl().stream(), build.pipExtraIndexUrls().stream()).toList();
    if (!indexes.isEmpty()) {
      variables.add(Jobs.variable("FUNCAPP_APP_INDEX_URLS", String.join(" ", indexes)));
    }
    build.pipSecret().ifPresent(name -> variables.add(Jobs.variable("FUNCAPP_PIP_SECRET", name)));
    if (!platform.pipArguments().isEmpty()) {
      variables.add(Jobs.variable("FUNCAPP_PIP_ARGUMENTS", platform.pipArguments()));
    }
    source.caFile().ifPresent(file -> variables.add(Jobs.variable("PIP_CERT", file)));
    return variables;
  }
}
