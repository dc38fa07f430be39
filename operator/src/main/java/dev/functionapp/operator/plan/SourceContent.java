package dev.functionapp.operator.plan;

import java.util.List;

/** What a revision is made of, pinned: the same files, whenever they are fetched. */
public sealed interface SourceContent {

  /**
   * Files that the operator hands to the build.
   *
   * @param files sorted by path
   */
  record Files(List<SourceFile> files) implements SourceContent {}

  /**
   * A commit of a repository.
   *
   * @param path the folder that holds the app; empty text for the root
   */
  record GitCommit(String url, String commit, String path) implements SourceContent {}

  /** A zip on a web server. */
  record Archive(String url, String sha256) implements SourceContent {}

  /** An artifact in a registry. */
  record OciArtifact(String url, String digest) implements SourceContent {}

  /** Nothing to fetch: the image holds the app. */
  record BuiltImage(String name) implements SourceContent {}
}
