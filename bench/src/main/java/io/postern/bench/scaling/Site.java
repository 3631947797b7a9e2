package io.postern.bench.scaling;

/**
 * A site as the simulation runs it. Every service has machines of its own, but on the small machine
 * all share one.
 *
 * @param shared whether one machine runs everything
 * @param cores of the one machine, or else of each ingest and each broker; a worker has one thread
 *     and one core
 * @param storeThreads calls to the object store at the same time, in each store-worker
 * @param partitions of {@code raw} and of {@code sealed} each
 * @param flushSeconds until a broker's disk has made a batch durable
 * @param diskOctetsPerSecond that a broker's disk takes
 * @param putSeconds until the object store has answered, its transfer apart
 * @param putOctetsPerSecond of one call to the object store
 * @param takeOverSeconds until the group has given a dead worker's partitions to others
 * @param commitSeconds between commits: what a dead worker did since is done again
 */
record Site(
    boolean shared,
    int cores,
    int ingests,
    int brokers,
    int cryptoWorkers,
    int storeWorkers,
    int storeThreads,
    int partitions,
    double flushSeconds,
    double diskOctetsPerSecond,
    double putSeconds,
    double putOctetsPerSecond,
    double takeOverSeconds,
    double commitSeconds) {

  /** One process with everything on a machine of two cores, and what its disk does. */
  static final Site MEASURED =
      new Site(true, 2, 1, 1, 1, 1, 8, 1, 0.002, 400e6, 0.001, 250e6, 10, 1);
}
