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

  /** A storage queue, and the environment variable that says which account it is in. */
  record QueueTrigger(String queue, Connection connection) implements Trigger {
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
   */
  record BlobTrigger(String path, Connection connection) implements Trigger {
    @Override
    public String type() {
      return "blobTrigger";
    }

    @Override
    public String target() {
      return path;
    }
  }

  /** How a function reaches its storage account. */
  record Connection(String setting, Form form) {
    /** The forms that a connection setting has upstream. */
    public enum Form {
      CONNECTION_STRING,
      IDENTITY
    }
  }
}
