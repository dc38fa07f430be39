package dev.functionapp.operator.plan;

import java.time.Instant;
import java.util.Optional;
import java.util.TreeSet;

/** Revisions for tests of what has become of them. */
final class PastRevisions {

  static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private PastRevisions() {}

  /** One that is rolled out since {@link #NOW}, and has not proven itself yet. */
  static PastRevision begun(String name, long number) {
    return new PastRevision(
        name,
        number,
        "inline@" + name,
        "key",
        Optional.empty(),
        NOW,
        Optional.empty(),
        new TreeSet<>(),
        Optional.empty());
  }
}
