package io.postern.pipeline.work;

import java.time.Duration;
import java.time.Instant;

/** Waits longer after each failure in a row, from a tenth of a second up to ten seconds. */
final class Backoff {
  private static final Duration FIRST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofSeconds(10);

  private Duration next = FIRST;
  private Instant until = Instant.MIN;

  /**
   * Begins to wait.
   *
   * @return false where the wait had begun: the failures of one outage arrive together
   */
  boolean failed(Instant now) {
    if (isWaiting(now)) {
      return false;
    }
    until = now.plus(next);
    Duration doubled = next.multipliedBy(2);
    next = doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
    return true;
  }

  void succeeded() {
    next = FIRST;
  }

  boolean isWaiting(Instant now) {
    return now.isBefore(until);
  }
}
