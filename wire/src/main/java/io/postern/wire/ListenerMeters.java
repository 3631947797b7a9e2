package io.postern.wire;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** What a listener counts. The only label is its name. */
final class ListenerMeters {
  private final Counter accepted;
  private final Counter refused;
  private final Counter handshakeFailures;
  private final Counter timeouts;
  private final Counter faults;
  private final Counter receivedBytes;
  private final Counter sentBytes;

  ListenerMeters(MeterRegistry registry, String listener, ConnectionLimits limits) {
    this(registry, listener);
    boolean counted =
        registry.find("postern.connections.open").tag("listener", listener).gauge() != null;
    if (!counted) { // Listeners that share a port share their limits, too.
      Gauge.builder("postern.connections.open", limits, ConnectionLimits::open)
          .tag("listener", listener)
          .register(registry);
    }
  }

  private ListenerMeters(MeterRegistry registry, String listener) {
    accepted = registry.counter("postern.connections.accepted", "listener", listener);
    refused = registry.counter("postern.connections.refused", "listener", listener);
    handshakeFailures = registry.counter("postern.tls.handshake.failures", "listener", listener);
    timeouts = registry.counter("postern.connections.timeouts", "listener", listener);
    faults = registry.counter("postern.connections.faults", "listener", listener);
    receivedBytes = registry.counter("postern.received.bytes", "listener", listener);
    sentBytes = registry.counter("postern.sent.bytes", "listener", listener);
  }

  /** For connections that we make; those are counted under the name, too. */
  static ListenerMeters ofDialer(MeterRegistry registry, String name) {
    return new ListenerMeters(registry, name);
  }

  void accepted() {
    accepted.increment();
  }

  void refused() {
    refused.increment();
  }

  void handshakeFailed() {
    handshakeFailures.increment();
  }

  void timedOut() {
    timeouts.increment();
  }

  void faulted() {
    faults.increment();
  }

  void received(int bytes) {
    receivedBytes.increment(bytes);
  }

  void sent(int bytes) {
    sentBytes.increment(bytes);
  }
}
