package io.postern.pipeline.work;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * The memory that a worker's open messages share. Who does not fit waits in line, so that a large
 * message gets its turn. Not thread-safe.
 */
public final class Budget {
  private final long totalBytes;
  private final Map<Object, Long> held = new HashMap<>();
  private final Set<Object> line = new LinkedHashSet<>();
  private long usedBytes;

  public Budget(long totalBytes) {
    this.totalBytes = totalBytes;
  }

  /** Takes room for {@code holder}, or puts it in line. Who needs none always gets it. */
  boolean take(Object holder, long bytes) {
    if (!admits(holder, bytes)) {
      line.add(holder);
      return false;
    }
    line.remove(holder);
    if (bytes > 0) {
      held.put(holder, capped(bytes));
      usedBytes += capped(bytes);
    }
    return true;
  }

  /** Whether {@link #take} would succeed now. */
  boolean admits(Object holder, long bytes) {
    boolean turn = line.isEmpty() || line.iterator().next() == holder;
    return bytes == 0 || turn && usedBytes + capped(bytes) <= totalBytes;
  }

  /** Gives back what {@code holder} has, and its place in line. */
  void release(Object holder) {
    Long bytes = held.remove(holder);
    if (bytes != null) {
      usedBytes -= bytes;
    }
    line.remove(holder);
  }

  long usedBytes() {
    return usedBytes;
  }

  /** A message that is larger than everything gets everything: alone, it passes. */
  private long capped(long bytes) {
    return Math.min(bytes, totalBytes);
  }
}
