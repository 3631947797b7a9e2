package io.postern.pipeline.work;

import java.time.Duration;
import java.time.Instant;

/** Waits longer after each failure in a row, from a tenth of a second up to ten. */
final class Backoff {
  private static final Duration FIRST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofSeconds(10);

  private Duration next = FIRST;
  private Instant until = Instant.MIN;

  /** Failures of one and the same outage arrive together and count once. */
  void failed(Instant now) {
    if (isWaiting(now)) {
      return;
    }
    until = now.plus(next);
    next = next.multipliedBy(2).compareTo(LONGEST) < 0 ? next.multipliedBy(2) : LONGEST;
  }

  void succeeded() {
    next = FIRST;
  }

  boolean isWaiting(Instant now) {
    return now.isBefore(until);
  }
}
