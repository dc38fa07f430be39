package dev.functionapp.operator.packages;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.functionapp.operator.plan.Index;
import dev.functionapp.operator.plan.Index.FunctionError;
import dev.functionapp.operator.plan.Trigger;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * Reads an index that may have been written by anyone: what does not fit the schema is refused or
 * cut.
 */
public final class IndexParser {

  private static final int SCHEMA_VERSION = 1;
  private static final int MAX_FUNCTIONS = 1000;
  private static final int MAX_TEXT = 1024;
  private static final int MAX_CONCURRENCY = 100_000;
  private static final Pattern FUNCTION_NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,127}");
  private static final Pattern QUEUE_NAME = Pattern.compile("[a-z0-9](-?[a-z0-9]){2,62}");
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,252}");
  private static final Pattern ACCOUNT_NAME = Pattern.compile("[a-z0-9]{3,24}");
  private static final Pattern DOMAIN =
      Pattern.compile(
          "(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");
  private static final Pattern CLIENT_ID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern METHOD = Pattern.compile("[A-Z]{1,16}");
  private static final ObjectMapper MAPPER = JsonMapper.builder().build();

  private IndexParser() {}

  /**
   * Reads the index of a revision.
   *
   * @throws IOException where it is not an index of this revision; the message says what is wrong
   */
  public static Index parse(byte[] json, String revision) throws IOException {
    Document document;
    try {
      document = MAPPER.readValue(json, Document.class);
    } catch (JsonProcessingException e) {
      throw new IOException("not an index: " + cut(e.getOriginalMessage()), e);
    }
    require(document != null && document.schemaVersion == SCHEMA_VERSION, "schemaVersion is not 1");
    require(revision.equals(document.revision), "it is of another revision");
    require(
        document.packageRef == null || isDigest(document.packageRef),
        "package is not a digest and a size");
    require(document.host != null, "host is missing");
    var queues = queues(document.host.queues);
    require(
        document.functions != null && document.functions.size() <= MAX_FUNCTIONS,
        "functions are missing or too many");
    var names = new HashSet<String>();
    for (var function : document.functions) {
      require(function != null && function.name != null, "a function has no name");
      require(names.add(function.name), "a function's name is there twice: " + cut(function.name));
    }
    return new Index(
        Optional.ofNullable(document.packageRef)
            .map(found -> new Index.PackageDigest(found.sha256, found.size)),
        timeout(document.host.functionTimeoutSeconds),
        document.host.routePrefix == null ? "" : cut(document.host.routePrefix),
        (int) (queues.batchSize + queues.newBatchThreshold),
        document.functions.stream().map(entry -> function(entry, queues)).toList());
  }

  private static boolean isDigest(PackageEntry entry) {
    return entry.sha256 != null && SHA256.matcher(entry.sha256).matches() && entry.size > 0;
  }

  private static Index.Function function(FunctionEntry entry, QueuesEntry queues) {
    var name = cut(entry.name);
    if (entry.error != null) {
      return broken(name, entry.disabled, text(entry.error.reason), text(entry.error.message));
    }
    var trigger = trigger(entry.trigger, queues);
    if (trigger.isEmpty() || !FUNCTION_NAME.matcher(name).matches()) {
      return broken(
          name,
          entry.disabled,
          "BindingNotSupported",
          "the operator does not know the trigger %s, or not with these properties or this function name: is the worker image newer than the operator?"
              .formatted(entry.trigger == null ? "" : '"' + text(entry.trigger.type) + '"'));
    }
    return new Index.Function(name, entry.disabled, trigger, Optional.empty());
  }

  private static Index.Function broken(
      String name, boolean disabled, String reason, String message) {
    return new Index.Function(
        name, disabled, Optional.empty(), Optional.of(new FunctionError(reason, message)));
  }

  private static Optional<Trigger> trigger(TriggerEntry entry, QueuesEntry queues) {
    if (entry == null || entry.type == null) {
      return Optional.empty();
    }
    return switch (entry.type) {
      case "httpTrigger" -> httpTrigger(entry);
      case "queueTrigger" -> queueTrigger(entry, queues);
      case "timerTrigger" -> timerTrigger(entry);
      case "blobTrigger" -> blobTrigger(entry);
      default -> Optional.empty();
    };
  }

  private static Optional<Trigger> httpTrigger(TriggerEntry entry) {
    var methods = entry.methods == null ? List.<String>of() : entry.methods;
    if (entry.route == null
        || !methods.stream()
            .allMatch(method -> method != null && METHOD.matcher(method).matches())) {
      return Optional.empty();
    }
    return Optional.of(new Trigger.HttpTrigger(cut(entry.route), List.copyOf(methods)));
  }

  private static Optional<Trigger> queueTrigger(TriggerEntry entry, QueuesEntry host) {
    // An index of an earlier release says it for the host alone.
    var queues =
        new QueuesEntry(
            Objects.requireNonNullElse(entry.batchSize, host.batchSize),
            Objects.requireNonNullElse(entry.newBatchThreshold, host.newBatchThreshold));
    if (!isQueueName(entry.queueName) || !queues.isInRange()) {
      return Optional.empty();
    }
    return connection(entry.connection)
        .map(connection ->
            new Trigger.QueueTrigger(
                entry.queueName,
                (int) queues.batchSize,
                (int) queues.newBatchThreshold,
                connection));
  }

  private static boolean isQueueName(String name) {
    return name != null && QUEUE_NAME.matcher(name).matches();
  }

  private static Optional<Trigger> timerTrigger(TriggerEntry entry) {
    return entry.schedule == null || entry.schedule.isBlank()
        ? Optional.empty()
        : Optional.of(
            new Trigger.TimerTrigger(
                cut(entry.schedule), Optional.ofNullable(entry.timeZone).map(IndexParser::cut)));
  }

  private static Optional<Trigger> blobTrigger(TriggerEntry entry) {
    return entry.path == null || entry.path.isBlank()
        ? Optional.empty()
        : connection(entry.connection)
            .map(connection ->
                new Trigger.BlobTrigger(
                    cut(entry.path), connection, internalQueue(entry.internalQueue)));
  }

  private static Optional<Trigger.InternalQueue> internalQueue(InternalQueueEntry entry) {
    return entry == null
            || !isQueueName(entry.queueName)
            || entry.maxDegreeOfParallelism < 1
            || entry.maxDegreeOfParallelism > MAX_CONCURRENCY
        ? Optional.empty()
        : connection(entry.connection)
            .map(connection ->
                new Trigger.InternalQueue(
                    entry.queueName, (int) entry.maxDegreeOfParallelism, connection));
  }

  private static Optional<Trigger.Connection> connection(ConnectionEntry entry) {
    if (entry == null || entry.setting == null || !VARIABLE.matcher(entry.setting).matches()) {
      return Optional.empty();
    }
    var form =
        "Identity".equals(entry.form)
            ? Trigger.Connection.Form.IDENTITY
            : Trigger.Connection.Form.CONNECTION_STRING;
    return Optional.of(
        new Trigger.Connection(
            entry.setting,
            form,
            matching(entry.accountName, ACCOUNT_NAME),
            matching(entry.endpointSuffix, DOMAIN),
            matching(entry.clientId, CLIENT_ID)));
  }

  /** Empty also where it is something else: it is then as if it were not known. */
  private static Optional<String> matching(String text, Pattern pattern) {
    return Optional.ofNullable(text).filter(pattern.asMatchPredicate());
  }

  private static OptionalLong timeout(Long seconds) {
    return seconds == null ? OptionalLong.empty() : OptionalLong.of(Math.max(1, seconds));
  }

  private static QueuesEntry queues(QueuesEntry queues) throws IOException {
    require(queues != null, "host.queues is missing");
    require(queues.isInRange(), "host.queues is out of range");
    return queues;
  }

  private static void require(boolean holds, String otherwise) throws IOException {
    if (!holds) {
      throw new IOException("not an index: " + otherwise);
    }
  }

  private static String text(String text) {
    return text == null ? "" : cut(text);
  }

  private static String cut(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "…";
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  private record Document(
      int schemaVersion,
      String revision,
      @JsonProperty("package") PackageEntry packageRef,
      HostEntry host,
      List<FunctionEntry> functions) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  private record PackageEntry(String sha256, long size) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  private record HostEntry(Long functionTimeoutSeconds, String routePrefix, QueuesEntry queues) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  private record QueuesEntry(long batchSize, long newBatchThreshold) {
    boolean isInRange() {
      return batchSize >= 1
          && batchSize <= MAX_CONCURRENCY
          && newBatchThreshold >= 0
          && newBatchThreshold <= MAX_CONCURRENCY;
    }
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  private record FunctionEntry(
      String name, boolean disabled, TriggerEntry trigger, ErrorEntry error) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  private record ErrorEntry(String reason, String message) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  private record TriggerEntry(
      String type,
      String route,
      List<String> methods,
      String queueName,
      Long batchSize,
      Long newBatchThreshold,
      String schedule,
      String timeZone,
      String path,
      ConnectionEntry connection,
      InternalQueueEntry internalQueue) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  private record InternalQueueEntry(
      String queueName, long maxDegreeOfParallelism, ConnectionEntry connection) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  private record ConnectionEntry(
      String setting, String form, String accountName, String endpointSuffix, String clientId) {}
}
