package io.postern.bench.scaling;

/**
 * A site as the simulation runs it. Every service has machines of its own, but on the small machine
 * all share one.
 *
 * @param shared whether one machine and one process run everything: then senders come before
 *     workers, and objects are committed in groups
 * @param cores of the one machine, or else of each ingest and each broker; a worker has one thread
 *     and one core
 * @param storeThreads calls to the object store at the same time, in each store-worker
 * @param partitions of {@code raw} and of {@code sealed} each
 * @param replicas of each partition
 * @param mailboxes that mail goes to, each a directory to flush in a directory store
 * @param waits for disks, stores and groups
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
    int replicas,
    int mailboxes,
    Waits waits) {

  /**
   * Waiting that takes no CPU time.
   *
   * @param flushSeconds until a broker's disk has made a batch durable
   * @param diskOctetsPerSecond that a broker's disk takes
   * @param putSeconds until the object store has answered, or a file is flushed; its transfer apart
   * @param putOctetsPerSecond of one call to the object store, or of one file
   * @param directorySeconds until a directory is flushed
   * @param takeOverSeconds until the group has given a dead worker's partitions to others
   * @param commitSeconds between commits: what a dead worker did since is done again
   */
  record Waits(
      double flushSeconds,
      double diskOctetsPerSecond,
      double putSeconds,
      double putOctetsPerSecond,
      double directorySeconds,
      double takeOverSeconds,
      double commitSeconds) {}
}
