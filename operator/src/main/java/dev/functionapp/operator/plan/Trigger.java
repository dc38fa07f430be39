package dev.functionapp.operator.plan;

import java.util.List;

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

  /** How a function reaches its storage account. */
  record Connection(String setting, Form form) {
    /** The forms that a connection setting has upstream. */
    public enum Form {
      CONNECTION_STRING,
      IDENTITY
    }
  }
}
