package dev.functionapp.operator.plan;

import java.util.List;
import java.util.Optional;

/** What starts a function. */
public sealed interface Trigger {

  /** The name in function.json, for example {@code queueTrigger}. */
  String type();

  /** For people: what the trigger listens to. */
  String target();

  /**
   * An HTTP endpoint.
   *
   * @param route without the app's prefix
   * @param methods upper case; empty means all
   */
  record HttpTrigger(String route, List<String> methods) implements Trigger {
    @Override
    public String type() {
      return "httpTrigger";
    }

    @Override
    public String target() {
      return (methods.isEmpty() ? "*" : String.join(",", methods)) + " " + route;
    }
  }

  /**
   * A storage queue.
   *
   * @param batchSize messages that one replica fetches at a time
   * @param newBatchThreshold messages in work at which it fetches the next batch
   */
  record QueueTrigger(String queue, int batchSize, int newBatchThreshold, Connection connection)
      implements Trigger {

    /** Messages that one replica works on at a time. */
    public int concurrency() {
      return batchSize + newBatchThreshold;
    }

    @Override
    public String type() {
      return "queueTrigger";
    }

    @Override
    public String target() {
      return queue;
    }
  }

  /**
   * A schedule.
   *
   * @param schedule NCRONTAB or a time span, as the function says it
   * @param timeZone in which it is read; a time span needs none
   */
  record TimerTrigger(String schedule, Optional<String> timeZone) implements Trigger {
    @Override
    public String type() {
      return "timerTrigger";
    }

    @Override
    public String target() {
      return timeZone.map(zone -> schedule + " " + zone).orElse(schedule);
    }
  }

  /**
   * Blobs of a container that are new or have changed.
   *
   * @param path the container, and a pattern of names if only some of its blobs are meant
   * @param internalQueue where blobs wait that a scan has found; empty where the index, of an
   *     earlier release, does not say
   */
  record BlobTrigger(String path, Connection connection, Optional<InternalQueue> internalQueue)
      implements Trigger {
    @Override
    public String type() {
      return "blobTrigger";
    }

    @Override
    public String target() {
      return path;
    }
  }

  /**
   * The storage queue that all blob-triggered functions of an app share.
   *
   * @param maxDegreeOfParallelism blobs that one replica works on at a time
   */
  record InternalQueue(String queueName, int maxDegreeOfParallelism, Connection connection) {}

  /**
   * How a function reaches its storage account.
   *
   * @param setting the environment variable that says it; for an identity, the prefix of several
   * @param accountName by identity, where it is known
   * @param endpointSuffix of the account's services, for example {@code core.windows.net}; by
   *     identity, where it is known
   * @param clientId of the identity, where one is named
   */
  record Connection(
      String setting,
      Form form,
      Optional<String> accountName,
      Optional<String> endpointSuffix,
      Optional<String> clientId) {
    /**
     * The Azure cloud whose storage the account is part of; that of everyone where nothing is said
     * of it, as KEDA and upstream take it. Empty where it is none of those that are known.
     */
    public Optional<StorageCloud> cloud() {
      return endpointSuffix.map(StorageCloud::of).orElse(Optional.of(StorageCloud.PUBLIC));
    }

    /**
     * Why KEDA cannot read a queue through this connection, and what to do about it; empty where it
     * can.
     */
    public Optional<String> unreadable() {
      if (form == Form.CONNECTION_STRING) {
        return Optional.empty();
      }
      if (accountName.isEmpty()) {
        return Optional.of(
            "it is reached by identity, and which account it is in is not known: set %s__accountName"
                .formatted(setting));
      }
      // KEDA would send its token to whatever host a tenant names.
      return cloud().isPresent()
          ? Optional.empty()
          : Optional.of(
              "it is reached by identity, which KEDA may do in Azure's own clouds alone (%s), not at \"%s\": use a connection string in the setting %s"
                  .formatted(StorageCloud.endpointSuffixes(), endpointSuffix.orElse(""), setting));
    }

    /** The forms that a connection setting has upstream. */
    public enum Form {
      CONNECTION_STRING,
      IDENTITY
    }
  }
}
