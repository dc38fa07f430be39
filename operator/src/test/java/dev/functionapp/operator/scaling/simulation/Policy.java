package dev.functionapp.operator.scaling.simulation;

/**
 * What a user chooses.
 *
 * @param length messages for each replica; 0 leaves length to wake the group alone
 * @param messageAge seconds; 0 where age does not take part
 */
record Policy(String name, int length, double messageAge, int minReplicas, int maxReplicas) {

  static final int MAX_REPLICAS = 20;

  static Policy length(int length) {
    return new Policy("length " + length, length, 0, 0, MAX_REPLICAS);
  }

  static Policy age(double seconds) {
    return new Policy("age " + (int) seconds + " s", 0, seconds, 0, MAX_REPLICAS);
  }

  static Policy both(int length, double seconds) {
    return new Policy(
        "length %d, age %d s".formatted(length, (int) seconds), length, seconds, 0, MAX_REPLICAS);
  }
}
