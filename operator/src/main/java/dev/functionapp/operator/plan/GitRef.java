package dev.functionapp.operator.plan;

/** What to take of a repository of Git. */
public sealed interface GitRef {

  /** The newest commit of a branch. */
  record Branch(String name) implements GitRef {}

  /** The commit of a tag. */
  record Tag(String name) implements GitRef {}

  /**
   * A commit.
   *
   * @param id 40 or 64 hexadecimal digits
   */
  record Commit(String id) implements GitRef {}
}
