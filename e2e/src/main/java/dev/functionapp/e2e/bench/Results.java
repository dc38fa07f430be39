package dev.functionapp.e2e.bench;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
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

/** Figures by what was measured, and what they are held against. Of durations that were added, the middle one counts. */
public final class Results {

  private final Map<String, List<Duration>> ours = new LinkedHashMap<>();
  private final Map<String, Map<String, List<Duration>>> peers = new LinkedHashMap<>();
  private final Map<String, Figure> figures = new LinkedHashMap<>();

  private record Figure(String name, String unit, double ours, Map<String, Double> peers, Map<String, Double> ratios) {

    static Figure of(String name, String unit, double mine, Map<String, Double> theirs) {
      Map<String, Double> ratios = new LinkedHashMap<>();
      theirs.forEach((peer, value) -> ratios.put(peer, value == 0 ? null : mine / value));
      return new Figure(name, unit, mine, theirs, ratios);
    }
  }

  public void add(String name, Duration taken) {
    ours.computeIfAbsent(name, key -> new ArrayList<>()).add(taken);
  }

  /** What {@code name} is held against. */
  public void beside(String name, String peer, Duration taken) {
    peers.computeIfAbsent(name, key -> new LinkedHashMap<>()).computeIfAbsent(peer, key -> new ArrayList<>()).add(taken);
  }

  /** A figure as it is, with what it is held against. */
  public void figure(String name, String unit, double mine, Map<String, Double> theirs) {
    figures.put(name, Figure.of(name, unit, mine, theirs));
  }

  /** For people: a line for each. */
  public List<String> lines() {
    return figures().values().stream().map(Results::line).toList();
  }

  /** As a list of {@code {name, unit, ours, peers, ratios}}. */
  public void write(Path file) {
    write(file, new LinkedHashMap<>());
  }

  /** The same, beside the figures of other names that the file holds. */
  public void update(Path file) {
    Map<String, Figure> all = new LinkedHashMap<>();
    if (Files.exists(file)) {
      try {
        new ObjectMapper().readValue(file.toFile(), new TypeReference<List<Figure>>() {}).forEach(figure -> all.put(figure.name(), figure));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    write(file, all);
  }

  private void write(Path file, Map<String, Figure> all) {
    all.putAll(figures());
    try {
      Files.writeString(file, Serialization.asJson(all.values()) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Map<String, Figure> figures() {
    Map<String, Figure> all = new LinkedHashMap<>();
    ours.forEach((name, durations) -> {
      Map<String, Double> theirs = new LinkedHashMap<>();
      peers.getOrDefault(name, Map.of()).forEach((peer, taken) -> theirs.put(peer, median(taken)));
      all.put(name, Figure.of(name, "s", median(durations), theirs));
    });
    all.putAll(figures);
    return all;
  }

  private static String line(Figure figure) {
    var line = new StringBuilder(String.format(Locale.ROOT, "%s: ours %.1f %s", figure.name(), figure.ours(), figure.unit()));
    figure
        .peers()
        .forEach((peer, theirs) ->
            line.append(String.format(Locale.ROOT, ", %s %.1f %s, ratio %.2f", peer, theirs, figure.unit(), figure.ratios().get(peer))));
    return line.toString();
  }

  private static double median(List<Duration> durations) {
    return durations.stream().sorted().toList().get(durations.size() / 2).toMillis() / 1000.0;
  }
}
