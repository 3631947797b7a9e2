package io.postern.proxy;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** What a route counts. */
final class ProxyMeters {
  private final Counter copied;
  private final Counter copiedBytes;
  private final Counter aborted;
  private final Counter leftOpen;
  private final Counter missed;
  private final Counter unavailable;
  private final Counter serverFailures;

  ProxyMeters(MeterRegistry registry, String route) {
    copied = copies(registry, route, "committed");
    aborted = copies(registry, route, "aborted");
    leftOpen = copies(registry, route, "unconfirmed");
    missed = copies(registry, route, "missed");
    unavailable = registry.counter("postern.proxy.archive.failures", "route", route);
    copiedBytes = registry.counter("postern.proxy.copied.bytes", "route", route);
    serverFailures = registry.counter("postern.proxy.server.failures", "route", route);
  }

  private static Counter copies(MeterRegistry registry, String route, String outcome) {
    return registry.counter("postern.proxy.copies", "route", route, "outcome", outcome);
  }

  void copied(long sizeBytes) {
    copied.increment();
    copiedBytes.increment(sizeBytes);
  }

  void aborted() {
    aborted.increment();
  }

  void leftOpen() {
    leftOpen.increment();
  }

  /** Passed without a copy. */
  void missed() {
    missed.increment();
  }

  void unavailable() {
    unavailable.increment();
  }

  void serverFailed() {
    serverFailures.increment();
  }
}
