package dev.functionapp.operator.scaling.simulation;

/**
 * What is given: the function, and how long things take.
 *
 * @param batchSize of host.json
 * @param newBatchThreshold of host.json
 * @param parallel messages that a pod really works on at a time: one where the function needs the
 *     processor
 * @param podStart from another replica until it fetches, in seconds
 */
record World(int batchSize, int newBatchThreshold, int parallel, double podStart) {

  static final World WAITING = new World(16, 8, 24, 8);
  static final World COMPUTING = new World(16, 8, 1, 8);
  static final World ONE_AT_A_TIME = new World(1, 0, 1, 8);

  int concurrency() {
    return batchSize + newBatchThreshold;
  }
}
