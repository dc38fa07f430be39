package dev.functionapp.operator.plan;

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

  /** Whether no other one has been asked for since. */
  public boolean isNewest(String name) {
    return newestFirst.stream().findFirst().filter(past -> past.name().equals(name)).isPresent();
  }

  /** The number of the next revision that is asked for. */
  public long nextNumber() {
    return newestFirst.stream().mapToLong(PastRevision::number).max().orElse(0) + 1;
  }

  /**
   * The revisions that may go.
   *
   * @param limit how many are kept beside those in use
   * @param inUse those that are asked for or that something runs
   */
  public List<PastRevision> expired(int limit, Set<String> inUse) {
    var kept = new HashSet<>(inUse);
    newestFirst.stream()
        .filter(PastRevision::isGood)
        .findFirst()
        .ifPresent(past -> kept.add(past.name()));
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
