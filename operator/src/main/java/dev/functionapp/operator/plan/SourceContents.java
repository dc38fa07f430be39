package dev.functionapp.operator.plan;

import java.util.Map;
import java.util.Optional;

/** Pins what an app is made of, and names it. */
final class SourceContents {

  private static final int SHA1_DIGITS = 40;

  private SourceContents() {}

  /**
   * What a source stands for now; empty where a branch or tag has to be looked up first.
   *
   * @throws InvalidInput where a ConfigMap or a key of it is missing, or it holds nothing
   */
  static Optional<SourceContent> of(
      AppSpec spec, Map<String, ConfigMapContent> configMaps, SourceState state) {
    return switch (spec.source()) {
      case Source.Inline inline -> Optional.of(new SourceContent.Files(SourceFiles.inline(inline)));
      case Source.FromConfigMap configMap ->
          Optional.of(
              new SourceContent.Files(SourceFiles.fromConfigMap(spec, configMap, configMaps)));
      case Source.Git git ->
          commit(git, state)
              .map(commit -> new SourceContent.GitCommit(git.url(), commit, git.path()));
      case Source.Archive archive ->
          Optional.of(new SourceContent.Archive(archive.url(), archive.sha256()));
      case Source.Oci oci -> Optional.of(new SourceContent.OciArtifact(oci.url(), oci.digest()));
      case Source.Image image -> Optional.of(new SourceContent.BuiltImage(image.name()));
    };
  }

  /** What makes the content what it is, wherever it is fetched from. */
  static Map<String, Object> pin(SourceContent content) {
    return switch (content) {
      case SourceContent.Files(var files) -> Map.of("files", SourceFiles.digests(files));
      case SourceContent.GitCommit(var url, var commit, var path) ->
          Map.of("commit", commit, "path", path);
      case SourceContent.Archive(var url, var sha256) -> Map.of("archive", sha256);
      case SourceContent.OciArtifact(var url, var digest) -> Map.of("artifact", digest);
      case SourceContent.BuiltImage(var name) -> Map.of("image", name);
    };
  }

  /** For people: where the content comes from, and what it is pinned by. */
  static String label(Source source, SourceContent content) {
    return switch (content) {
      case SourceContent.Files(var files) -> {
        var digest = "@sha256:" + Digests.digest(SourceFiles.digests(files));
        yield source instanceof Source.FromConfigMap configMap
            ? "configMap/" + configMap.name() + digest
            : "inline" + digest;
      }
      case SourceContent.GitCommit(var url, var commit, var path) ->
          refName(source).map(name -> name + "@").orElse("")
              + (commit.length() == SHA1_DIGITS ? "sha1:" : "sha256:")
              + commit;
      case SourceContent.Archive(var url, var sha256) -> fileName(url) + "@sha256:" + sha256;
      case SourceContent.OciArtifact(var url, var digest) ->
          url.substring("oci://".length()) + "@" + digest;
      case SourceContent.BuiltImage(var name) -> name;
    };
  }

  private static Optional<String> commit(Source.Git git, SourceState state) {
    return git.ref() instanceof GitRef.Commit(var id)
        ? Optional.of(id)
        : state.resolved(git).map(ResolvedSource::commit);
  }

  private static Optional<String> refName(Source source) {
    return source instanceof Source.Git git
        ? switch (git.ref()) {
          case GitRef.Branch(var name) -> Optional.of(name);
          case GitRef.Tag(var name) -> Optional.of(name);
          case GitRef.Commit commit -> Optional.empty();
        }
        : Optional.empty();
  }

  private static String fileName(String url) {
    int query = url.indexOf('?');
    var path = query < 0 ? url : url.substring(0, query);
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
