package dev.functionapp.operator.reconciler;

import dev.functionapp.operator.plan.GitRef;
import dev.functionapp.operator.plan.ResolvedSource;
import dev.functionapp.operator.plan.Source;
import dev.functionapp.operator.plan.SourceState;
import dev.functionapp.v1alpha1.FunctionApp;
import dev.functionapp.v1alpha1.FunctionAppStatus;
import dev.functionapp.v1alpha1.functionappspec.source.Git;
import dev.functionapp.v1alpha1.functionappspec.source.git.Ref;
import dev.functionapp.v1alpha1.functionappspec.source.image.PullSecrets;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Reads where an app comes from, and what its status keeps of that. */
public final class SourceSpecs {

  private SourceSpecs() {}

  static Source of(dev.functionapp.v1alpha1.functionappspec.Source source) {
    if (source.getInline() != null) {
      return new Source.Inline(new TreeMap<>(source.getInline().getFiles()));
    }
    if (source.getConfigMap() != null) {
      return new Source.FromConfigMap(
          source.getConfigMap().getName(),
          list(source.getConfigMap().getItems()).stream()
              .map(item -> new Source.Item(item.getKey(), item.getPath()))
              .toList());
    }
    if (source.getGit() != null) {
      return git(source.getGit());
    }
    if (source.getArchive() != null) {
      var archive = source.getArchive();
      return new Source.Archive(
          archive.getUrl(),
          archive.getSha256(),
          Optional.ofNullable(archive.getSecretRef()).map(secret -> secret.getName()));
    }
    if (source.getOci() != null) {
      var oci = source.getOci();
      return new Source.Oci(
          oci.getUrl(),
          oci.getDigest(),
          Optional.ofNullable(oci.getSecretRef()).map(secret -> secret.getName()));
    }
    return new Source.Image(
        source.getImage().getName(),
        list(source.getImage().getPullSecrets()).stream().map(PullSecrets::getName).toList());
  }

  /** What the status keeps of the source. */
  public static SourceState state(FunctionApp app) {
    var status = Optional.ofNullable(app.getStatus());
    return new SourceState(
        status
            .map(FunctionAppStatus::getSource)
            .flatMap(source -> Optional.ofNullable(source.getResolved()))
            .map(found ->
                new ResolvedSource(
                    found.getRequest(), found.getCommit(), found.getAt().toInstant())),
        status.map(FunctionAppStatus::getLastHandledReconcileAt));
  }

  private static Source git(Git git) {
    return new Source.Git(
        git.getUrl(),
        ref(git.getRef()),
        Optional.ofNullable(git.getPath()).orElse(""),
        Optional.ofNullable(git.getSecretRef()).map(secret -> secret.getName()),
        Optional.ofNullable(git.getInterval()).map(AppSpecs::duration));
  }

  private static GitRef ref(Ref ref) {
    if (ref.getBranch() != null) {
      return new GitRef.Branch(ref.getBranch());
    }
    return ref.getTag() != null ? new GitRef.Tag(ref.getTag()) : new GitRef.Commit(ref.getCommit());
  }

  private static <T> List<T> list(List<T> list) {
    return list == null ? List.of() : list;
  }
}
