package dev.functionapp.operator.plan;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The revisions of an app that were rolled out.
 *
 * @param newestFirst by when they were last asked for
 */
public record History(List<PastRevision> newestFirst) {

  /** Puts revisions in their order. */
  public static History of(List<PastRevision> revisions) {
    return new History(
        revisions.stream()
            .sorted(
                Comparator.comparingLong(PastRevision::number)
                    .thenComparing(PastRevision::name)
                    .reversed())
            .toList());
  }

  public Optional<PastRevision> find(String name) {
    return newestFirst.stream().filter(past -> past.name().equals(name)).findFirst();
  }

  /** The good ones but for one, the one to return to first. */
  public List<PastRevision> good(String butFor) {
    return newestFirst.stream()
        .filter(PastRevision::isGood)
        .filter(past -> !past.name().equals(butFor))
        .toList();
  }

  /** Whether it can be returned to. */
  public boolean isGood(String name) {
    return find(name).filter(PastRevision::isGood).isPresent();
  }

  /** Whether it is the one to return to first. */
  public boolean isNewestGood(String name) {
    return newestGood().filter(past -> past.name().equals(name)).isPresent();
  }

  /** Whether what others run may go: the revision is good, or no other one is. */
  public boolean isSettled(String name) {
    return isGood(name) || good(name).isEmpty();
  }

  private Optional<PastRevision> newestGood() {
    return newestFirst.stream().filter(PastRevision::isGood).findFirst();
  }

  /** Whether no other one has been asked for since. */
  public boolean isNewest(String name) {
    return newestFirst.stream().findFirst().filter(past -> past.name().equals(name)).isPresent();
  }

  /** The number of the next revision that is asked for. */
  public long nextNumber() {
    return newestFirst.stream().mapToLong(PastRevision::number).max().orElse(0) + 1;
  }

  /**
   * What a revision of these becomes when it is asked for; empty where that is nothing new. One
   * that has failed begins anew, and so does one that has to replace another.
   *
   * @param runs whether it alone runs already
   */
  public Optional<PastRevision> askedFor(String name, boolean runs, Instant now) {
    return find(name)
        .filter(past -> past.failure().isPresent() || !isNewest(name))
        .map(past ->
            runs && past.failure().isEmpty()
                ? past.askedForAgain(nextNumber())
                : past.begun(nextNumber(), now));
  }

  /**
   * The revisions that may go.
   *
   * @param limit how many are kept beside those in use
   * @param inUse those that are asked for or that something runs
   */
  public List<PastRevision> expired(int limit, Set<String> inUse) {
    var kept = new HashSet<>(inUse);
    newestGood().ifPresent(past -> kept.add(past.name()));
    return newestFirst.stream().filter(past -> !kept.contains(past.name())).skip(limit).toList();
  }

  /** With what has become of one of them. */
  public History with(PastRevision changed) {
    var others = newestFirst.stream().filter(past -> !past.name().equals(changed.name())).toList();
    var all = new ArrayList<>(others);
    all.add(changed);
    return of(all);
  }

  /** Without one of them. */
  public History without(PastRevision gone) {
    return of(newestFirst.stream().filter(past -> !past.name().equals(gone.name())).toList());
  }
}
