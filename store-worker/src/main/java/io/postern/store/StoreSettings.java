package io.postern.store;

import io.postern.pipeline.work.WorkerSettings;

/**
 * How a store-worker process works.
 *
 * @param workers threads that read, each a member of the group; more than partitions are idle
 * @param storeThreads calls to the object store at the same time
 * @param worker how each of them works
 */
public record StoreSettings(int workers, int storeThreads, WorkerSettings worker) {
  public static final StoreSettings DEFAULT = new StoreSettings(1, 8, WorkerSettings.DEFAULT);

  public StoreSettings {
    if (workers < 1 || storeThreads < 1) {
      throw new IllegalArgumentException("a store-worker needs threads");
    }
  }
}
