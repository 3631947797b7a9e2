package io.postern.pipeline;

import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * How much of all messages together may be on its way to Kafka. Each is bounded for itself; but
 * where Kafka is slow, a thousand senders of large messages would fill the memory all the same.
 * Thread-safe.
 */
final class SharedRoom {
  /** Four small messages at once: with fewer a machine has time for other work. */
  private static final long CROWD_BYTES = 16 * 1024;

  private static final long CROWD_MS = 10;

  private final long limitBytes;
  private final InstantSource clock;
  private long bytes;
  private long crowdedMs = Long.MIN_VALUE / 2;
  private CompletableFuture<Void> free = CompletableFuture.completedFuture(null);

  SharedRoom(long limitBytes, InstantSource clock) {
    this.limitBytes = limitBytes;
    this.clock = clock;
  }

  /** Not while somebody waits, whom others would overtake for ever. */
  synchronized boolean isFree() {
    return bytes < limitBytes && free.isDone();
  }

  /**
   * Completes, on the thread that makes room, once half of it is free; at once where it is not
   * full.
   */
  synchronized CompletionStage<Void> whenFree() {
    if (!isFree() && free.isDone()) {
      free = new CompletableFuture<>();
    }
    return free;
  }

  /** Whether many are on their way, now or, since they arrive together, a moment ago. */
  synchronized boolean isCrowded() {
    return bytes >= CROWD_BYTES || clock.millis() - crowdedMs < CROWD_MS;
  }

  synchronized void take(long count) {
    bytes += count;
    if (bytes >= CROWD_BYTES) {
      crowdedMs = clock.millis();
    }
  }

  void giveBack(long count) {
    CompletableFuture<Void> waiting = null;
    synchronized (this) {
      bytes -= count;
      if (bytes <= limitBytes / 2) {
        waiting = free;
      }
    }
    if (waiting != null) {
      waiting.complete(null);
    }
  }
}
