package io.postern.bench.scaling;

/** Where a store-worker puts messages. */
interface ObjectStore {
  /** Calls back once a message of this size is there for good. */
  void put(double octets, Runnable stored);
}
