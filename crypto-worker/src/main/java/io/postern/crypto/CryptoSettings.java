package io.postern.crypto;

import io.postern.pipeline.work.WorkerSettings;
import java.time.Duration;

/**
 * How a crypto-worker process works.
 *
 * @param workers threads, each a member of the group; more than partitions are idle
 * @param patience after which Kafka counts as away and a message is tried again
 * @param worker how each of them works
 */
public record CryptoSettings(int workers, Duration patience, WorkerSettings worker) {
  public static final CryptoSettings DEFAULT =
      new CryptoSettings(1, Duration.ofSeconds(30), WorkerSettings.DEFAULT);

  public CryptoSettings {
    if (workers < 1) {
      throw new IllegalArgumentException("a crypto-worker needs a thread");
    }
  }
}
