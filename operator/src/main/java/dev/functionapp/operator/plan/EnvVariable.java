package dev.functionapp.operator.plan;

/** One environment variable of the workers. */
public record EnvVariable(String name, Value value) {

  /** Where the value comes from. */
  public sealed interface Value {}

  public record Literal(String text) implements Value {}

  public record ConfigMapKey(String configMap, String key) implements Value {}

  public record SecretKey(String secret, String key) implements Value {}

  public static EnvVariable of(String name, String text) {
    return new EnvVariable(name, new Literal(text));
  }
}
