package io.postern.pipeline;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * How much of all messages together may be on its way to Kafka. Each is bounded for itself; but
 * where Kafka is slow, a thousand senders of large messages would fill the memory all the same.
 * Thread-safe.
 */
final class SharedRoom {
  private final long limitBytes;
  private long bytes;
  private CompletableFuture<Void> free = CompletableFuture.completedFuture(null);

  SharedRoom(long limitBytes) {
    this.limitBytes = limitBytes;
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

  synchronized void take(long count) {
    bytes += count;
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
