package io.postern.store;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Time as the simulation lets it pass. */
final class SimulatedClock implements InstantSource {
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  @Override
  public Instant instant() {
    return now;
  }

  void advance(Duration duration) {
    now = now.plus(duration);
  }
}
