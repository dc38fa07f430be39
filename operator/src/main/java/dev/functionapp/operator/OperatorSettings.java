package dev.functionapp.operator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.functionapp.operator.plan.AllowedImages;
import dev.functionapp.operator.plan.Platform;
import dev.functionapp.operator.reconciler.ControllerOptions;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the operator is told by its environment, read once at start. {@code operator/README.md}
 * describes each variable.
 *
 * @param packageStoreConnection a credential
 */
public record OperatorSettings(
    ControllerOptions controller,
    Platform platform,
    String packageStoreConnection,
    Optional<String> packageStoreUrlForWorkers,
    int managementPort,
    int scalingPort) {

  private static final Pattern PYTHON_VERSION = Pattern.compile("3\\.[0-9]{1,2}");
  private static final Pattern MEMORY = Pattern.compile("[0-9]+(Mi|Gi)");

  /**
   * Reads the settings.
   *
   * @throws IllegalArgumentException where variables are missing or wrong; the message names all of
   *     them, and no secret
   */
  public static OperatorSettings from(Map<String, String> environment) {
    var reader = new Reader(environment);
    var settings =
        new OperatorSettings(
            controller(reader),
            platform(reader),
            reader.connection("PACKAGE_STORE_CONNECTION_STRING", true).orElse(""),
            reader.optional("PACKAGE_STORE_URL_FOR_WORKERS"),
            reader.number("MANAGEMENT_PORT", 8080, 1, 65_535),
            reader.number("FUNCAPP_SCALING_PORT", 8082, 1, 65_535));
    reader.throwIfWrong();
    return settings;
  }

  private static ControllerOptions controller(Reader reader) {
    return new ControllerOptions(
        reader.required("OPERATOR_NAMESPACE"),
        reader.required("POD_NAME"),
        Set.copyOf(reader.list("WATCH_NAMESPACES")),
        reader.flag("LEADER_ELECTION", true),
        reader.number("RECONCILE_THREADS", 10, 1, 200));
  }

  private static Platform platform(Reader reader) {
    return new Platform(
        reader.workerImages("WORKER_IMAGES"),
        new AllowedImages(reader.list("ALLOWED_IMAGES")),
        reader.oneOf(
            "IMAGE_PULL_POLICY", "IfNotPresent", Set.of("Always", "IfNotPresent", "Never")),
        reader.labels("WORKER_POD_LABELS"),
        reader.optional("PIP_INDEX_URL").orElse(""),
        reader.optional("PIP_ARGUMENTS").orElse(""),
        reader.file("TRUSTED_CA_FILE"),
        reader.flag("SOURCES_PRIVATE_NETWORKS", false),
        reader.flag("BUILD_SOURCE_DISTRIBUTIONS", true),
        reader.optional("CLUSTER_DOMAIN").orElse("cluster.local"),
        reader.matching("BUILD_MEMORY_LIMIT", "2Gi", MEMORY),
        reader.httpUrl("FUNCAPP_SCALING_ENDPOINT"),
        reader.connection("EVALUATION_STORAGE_CONNECTION_STRING", false));
  }

  /** Leaves out the connection string, which is a credential. */
  @Override
  public String toString() {
    return "OperatorSettings[controller=%s, platform=%s]".formatted(controller, platform);
  }

  /** Reads variables and collects what is wrong with them. */
  private static final class Reader {

    private final Map<String, String> environment;
    private final List<String> problems = new ArrayList<>();

    Reader(Map<String, String> environment) {
      this.environment = environment;
    }

    Optional<String> optional(String name) {
      return Optional.ofNullable(environment.get(name))
          .map(String::strip)
          .filter(v -> !v.isEmpty());
    }

    String required(String name) {
      return optional(name).orElseGet(() -> wrong(name, "is missing", ""));
    }

    List<String> list(String name) {
      return optional(name).stream()
          .flatMap(text -> Stream.of(text.split(",")))
          .map(String::strip)
          .filter(item -> !item.isEmpty())
          .toList();
    }

    int number(String name, int otherwise, int min, int max) {
      var text = optional(name);
      if (text.isEmpty()) {
        return otherwise;
      }
      try {
        int number = Integer.parseInt(text.get());
        if (number >= min && number <= max) {
          return number;
        }
      } catch (NumberFormatException e) {
        // Reported below, like a number that is out of range.
      }
      return wrong(
          name, "is \"%s\", not a number from %d to %d".formatted(text.get(), min, max), otherwise);
    }

    boolean flag(String name, boolean otherwise) {
      return Boolean.parseBoolean(
          oneOf(name, Boolean.toString(otherwise), Set.of("true", "false")));
    }

    String oneOf(String name, String otherwise, Set<String> allowed) {
      var text = optional(name).orElse(otherwise);
      var choices = allowed.stream().sorted().collect(Collectors.joining(", "));
      return allowed.contains(text)
          ? text
          : wrong(name, "is \"%s\", not one of %s".formatted(text, choices), otherwise);
    }

    String matching(String name, String otherwise, Pattern pattern) {
      var text = optional(name).orElse(otherwise);
      return pattern.matcher(text).matches()
          ? text
          : wrong(name, "is \"%s\", not a quantity like %s".formatted(text, otherwise), otherwise);
    }

    Optional<String> connection(String name, boolean required) {
      var text = required ? Optional.of(required(name)) : optional(name);
      text.filter(connection -> !connection.isEmpty())
          .filter(connection -> !connection.contains("AccountKey="))
          .ifPresent(connection ->
              wrong(
                  name,
                  "is not a connection string with AccountName, AccountKey and BlobEndpoint or"
                      + " EndpointSuffix",
                  ""));
      return text;
    }

    Optional<String> file(String name) {
      return optional(name)
          .map(path -> {
            try {
              return Files.readString(Path.of(path));
            } catch (IOException | InvalidPathException e) {
              return wrong(name, "names a file that cannot be read: " + path, "");
            }
          });
    }

    URI httpUrl(String name) {
      var text = required(name);
      if (text.isEmpty()) {
        return URI.create("");
      }
      try {
        var url = new URI(text);
        if (Set.of("http", "https").contains(url.getScheme())
            && url.getHost() != null
            && url.getPath().isEmpty()
            && url.getQuery() == null) {
          return url;
        }
      } catch (URISyntaxException e) {
        // Reported below, like a URL of another form.
      }
      return wrong(
          name,
          "is \"%s\", not a URL like http://service.namespace.svc:8082".formatted(text),
          URI.create(""));
    }

    SortedMap<String, String> labels(String name) {
      return optional(name)
          .flatMap(text -> json(name, text, "labels and their values"))
          .orElseGet(TreeMap::new);
    }

    SortedMap<String, String> workerImages(String name) {
      var text = required(name);
      var found =
          text.isEmpty()
              ? Optional.<SortedMap<String, String>>empty()
              : json(name, text, "images by Python version");
      if (found.isEmpty()) {
        return new TreeMap<>();
      }
      var images = found.get();
      boolean fits =
          !images.isEmpty()
              && images.keySet().stream().allMatch(key -> PYTHON_VERSION.matcher(key).matches())
              && images.values().stream().noneMatch(image -> image == null || image.isBlank());
      return fits
          ? images
          : wrong(
              name, "needs an image for at least one Python version, as {\"3.13\": \"…\"}", images);
    }

    /** A JSON object of texts; empty, and noted, where it is none. */
    private Optional<SortedMap<String, String>> json(String name, String text, String content) {
      try {
        return Optional.of(
            new TreeMap<>(
                JsonMapper.builder()
                    .build()
                    .readValue(text, new TypeReference<Map<String, String>>() {})));
      } catch (JsonProcessingException e) {
        return wrong(name, "is not a JSON object of " + content, Optional.empty());
      }
    }

    void throwIfWrong() {
      if (!problems.isEmpty()) {
        throw new IllegalArgumentException(
            "environment variables are wrong: " + String.join("; ", problems));
      }
    }

    private <T> T wrong(String name, String problem, T placeholder) {
      problems.add(name + " " + problem);
      return placeholder;
    }
  }
}
