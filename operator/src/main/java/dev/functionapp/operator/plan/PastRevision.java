package dev.functionapp.operator.plan;

import java.time.Instant;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What became of a revision that was rolled out.
 *
 * @param number orders revisions by when they were last asked for; the newest has the highest
 * @param source its label, for people
 * @param packageKey names its package blob
 * @param digest of its package; empty for an image
 * @param appliedAt when it was last rolled out
 * @param readyAt when that ended well; empty before, and once it has failed
 * @param provenGroups the scale groups in which pods of it have been ready since {@code appliedAt}
 * @param failure why it was given up
 */
public record PastRevision(
    String name,
    long number,
    String source,
    String packageKey,
    Optional<String> digest,
    Instant appliedAt,
    Optional<Instant> readyAt,
    SortedSet<String> provenGroups,
    Optional<Failure> failure) {

  /**
   * Why a revision was given up.
   *
   * @param message a sentence for people
   * @param attempt what it was tried for, see {@link AppSpec#attempt}; for another it is tried
   *     again
   */
  public record Failure(Reason reason, String message, String attempt) {}

  /** A revision that is rolled out for the first time. */
  public static PastRevision first(
      Revision revision, Optional<Index.PackageDigest> digest, long number, Instant now) {
    return new PastRevision(
        revision.name(),
        number,
        revision.source(),
        revision.packageKey(),
        digest.map(Index.PackageDigest::sha256),
        now,
        Optional.empty(),
        Collections.emptySortedSet(),
        Optional.empty());
  }

  /** Whether it can be returned to when another one fails. */
  public boolean isGood() {
    return readyAt.isPresent() && failure.isEmpty();
  }

  /** Whether it has failed and nothing has been asked for since that would be another try. */
  public boolean hasFailedFor(String attempt) {
    return failure.filter(failed -> failed.attempt().equals(attempt)).isPresent();
  }

  /** It is rolled out, as if for the first time. */
  public PastRevision begun(long asNumber, Instant now) {
    return with(asNumber, now, Optional.empty(), Collections.emptySortedSet(), Optional.empty());
  }

  /** It is what was asked for last, and runs already. */
  public PastRevision askedForAgain(long asNumber) {
    return with(asNumber, appliedAt, readyAt, provenGroups, failure);
  }

  /** Pods of it have been ready in these groups. */
  public PastRevision provenIn(SortedSet<String> groups) {
    return with(
        number,
        appliedAt,
        readyAt,
        Collections.unmodifiableSortedSet(new TreeSet<>(groups)),
        failure);
  }

  /** Its rollout has ended well. */
  public PastRevision ready(Instant now) {
    return with(number, appliedAt, Optional.of(now), provenGroups, Optional.empty());
  }

  /** It is given up. */
  public PastRevision failed(Failure why) {
    return with(number, appliedAt, Optional.empty(), provenGroups, Optional.of(why));
  }

  /** The same revision, of which something else has become. */
  private PastRevision with(
      long asNumber,
      Instant applied,
      Optional<Instant> ready,
      SortedSet<String> proven,
      Optional<Failure> failed) {
    return new PastRevision(
        name, asNumber, source, packageKey, digest, applied, ready, proven, failed);
  }
}
