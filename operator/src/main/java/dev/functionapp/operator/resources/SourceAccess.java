package dev.functionapp.operator.resources;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.functionapp.operator.plan.AppId;
import dev.functionapp.operator.plan.Digests;
import dev.functionapp.operator.plan.GitRef;
import dev.functionapp.operator.plan.Platform;
import dev.functionapp.operator.plan.Source;
import dev.functionapp.operator.plan.SourceContent;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a step gets at the app's source: where that is, the Secret that opens it, whom to trust, and
 * whether private networks are in reach.
 */
final class SourceAccess {

  private static final String CREDENTIALS = "credentials";
  private static final String CA = "ca";
  private static final String CA_FILE = Volumes.runPath(CA + "/" + ConfigMaps.CA_KEY);

  private final AppId app;
  private final Optional<ObjectNode> source;
  private final Optional<String> secret;
  private final Platform platform;

  private SourceAccess(
      AppId app, Optional<ObjectNode> source, Optional<String> secret, Platform platform) {
    this.app = app;
    this.source = source;
    this.secret = secret;
    this.platform = platform;
  }

  /** For the step that fetches what a revision is made of. */
  static SourceAccess toContent(
      AppId app, Source source, SourceContent content, Platform platform) {
    return new SourceAccess(app, description(content), source.secret(), platform);
  }

  /** For the step that looks a branch or tag up. */
  static SourceAccess toRef(AppId app, Source.Git git, Platform platform) {
    var node = node("git").put("url", git.url());
    switch (git.ref()) {
      case GitRef.Branch(var name) -> node.put("branch", name);
      case GitRef.Tag(var name) -> node.put("tag", name);
      case GitRef.Commit commit ->
          throw new IllegalArgumentException("a commit needs no lookup: " + commit.id());
    }
    return new SourceAccess(app, Optional.of(node), git.secret(), platform);
  }

  /** The file of certificates to trust, where the platform has some. */
  Optional<String> caFile() {
    return platform.trustedCa().map(certificates -> CA_FILE);
  }

  List<EnvVar> variables() {
    var variables = new ArrayList<EnvVar>();
    source.ifPresent(node -> variables.add(Jobs.variable("FUNCAPP_SOURCE", node.toString())));
    variables.add(Jobs.variable("FUNCAPP_PRIVATE_NETWORKS", "" + platform.privateNetworks()));
    caFile().ifPresent(file -> variables.add(Jobs.variable("FUNCAPP_CA_FILE", file)));
    return variables;
  }

  List<VolumeMount> mounts() {
    var mounts = new ArrayList<VolumeMount>();
    secret.ifPresent(name -> mounts.add(Volumes.runMount(CREDENTIALS)));
    caFile().ifPresent(file -> mounts.add(Volumes.runMount(CA)));
    return mounts;
  }

  List<Volume> volumes() {
    var volumes = new ArrayList<Volume>();
    // Not optional: the pod waits for a Secret that is missing, and goes on by itself once it is
    // there.
    secret.ifPresent(name -> volumes.add(Volumes.secret(CREDENTIALS, name, false)));
    caFile()
        .ifPresent(
            file -> volumes.add(Volumes.configMap(CA, ConfigMaps.trustedCaName(app), List.of())));
    return volumes;
  }

  /** Changes with everything that may make another attempt end otherwise. */
  String digest() {
    return Digests.shortDigest(
        Map.of(
            "source", source.map(ObjectNode::toString).orElse(""),
            "secret", secret.orElse(""),
            "ca", platform.trustedCa().orElse(""),
            "privateNetworks", platform.privateNetworks()));
  }

  private static Optional<ObjectNode> description(SourceContent content) {
    return switch (content) {
      case SourceContent.Files files -> Optional.empty();
      case SourceContent.GitCommit(var url, var commit, var path) ->
          Optional.of(node("git").put("url", url).put("commit", commit).put("path", path));
      case SourceContent.Archive(var url, var sha256) ->
          Optional.of(node("archive").put("url", url).put("sha256", sha256));
      case SourceContent.OciArtifact(var url, var digest) ->
          Optional.of(node("oci").put("url", url).put("digest", digest));
      case SourceContent.BuiltImage image -> Optional.empty();
    };
  }

  private static ObjectNode node(String kind) {
    return JsonNodeFactory.instance.objectNode().put("kind", kind);
  }
}
