package io.postern.pipeline.work;

import java.util.concurrent.atomic.AtomicLong;

/** Octets that a worker has handed on and that are not durable yet. Thread-safe. */
public final class InFlight {
  private final long limitBytes;
  private final AtomicLong bytes = new AtomicLong();

  public InFlight(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  public void add(long count) {
    bytes.addAndGet(count);
  }

  public void remove(long count) {
    bytes.addAndGet(-count);
  }

  public long bytes() {
    return bytes.get();
  }

  /** Whether no more should be begun now. */
  public boolean isFull() {
    return bytes.get() >= limitBytes;
  }
}
