package dev.functionapp.e2e.bench;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Durations by what was measured, and what they are held against. The middle one of several counts. */
final class Results {

  private final Map<String, List<Duration>> ours = new LinkedHashMap<>();
  private final Map<String, Map<String, List<Duration>>> peers = new LinkedHashMap<>();

  void add(String name, Duration taken) {
    ours.computeIfAbsent(name, key -> new ArrayList<>()).add(taken);
  }

  /** What {@code name} is held against. */
  void beside(String name, String peer, Duration taken) {
    peers.computeIfAbsent(name, key -> new LinkedHashMap<>()).computeIfAbsent(peer, key -> new ArrayList<>()).add(taken);
  }

  /** For people: a line for each. */
  List<String> lines() {
    return entries().stream().map(Results::line).toList();
  }

  /** As a list of {@code {name, unit, ours, peers, ratios}}. */
  void write(Path file) {
    try {
      Files.writeString(file, Serialization.asJson(entries()) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record Entry(String name, String unit, double ours, Map<String, Double> peers, Map<String, Double> ratios) {}

  private List<Entry> entries() {
    return ours.entrySet().stream().map(entry -> entry(entry.getKey(), median(entry.getValue()))).toList();
  }

  private Entry entry(String name, double mine) {
    Map<String, Double> theirs = new LinkedHashMap<>();
    Map<String, Double> ratios = new LinkedHashMap<>();
    peers
        .getOrDefault(name, Map.of())
        .forEach((peer, durations) -> {
          theirs.put(peer, median(durations));
          ratios.put(peer, mine / median(durations));
        });
    return new Entry(name, "s", mine, theirs, ratios);
  }

  private static String line(Entry entry) {
    var line = new StringBuilder(String.format(Locale.ROOT, "%s: ours %.1f s", entry.name(), entry.ours()));
    entry
        .peers()
        .forEach((peer, theirs) ->
            line.append(String.format(Locale.ROOT, ", %s %.1f s, ratio %.2f", peer, theirs, entry.ratios().get(peer))));
    return line.toString();
  }

  private static double median(List<Duration> durations) {
    return durations.stream().sorted().toList().get(durations.size() / 2).toMillis() / 1000.0;
  }
}
