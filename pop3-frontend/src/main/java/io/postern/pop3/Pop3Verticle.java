package io.postern.pop3;

import io.micrometer.core.instrument.MeterRegistry;
import io.postern.protocol.Conversation;
import io.postern.wire.ConnectionLimits;
import io.postern.wire.Listener;
import io.postern.wire.Peer;
import io.postern.wire.TlsMaterial;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.function.Function;

/** One POP3 port on one event loop. */
final class Pop3Verticle extends VerticleBase {
  private final Listener.Settings settings;
  private final TlsMaterial certificate;
  private final ConnectionLimits limits;
  private final MeterRegistry registry;
  private final Function<Peer, Conversation> sessions;
  private Listener listener;

  Pop3Verticle(
      Listener.Settings settings,
      TlsMaterial certificate,
      ConnectionLimits limits,
      MeterRegistry registry,
      Function<Peer, Conversation> sessions) {
    this.settings = settings;
    this.certificate = certificate;
    this.limits = limits;
    this.registry = registry;
    this.sessions = sessions;
  }

  @Override
  public Future<?> start() {
    listener = new Listener(vertx, settings, certificate, limits, registry, sessions);
    return listener.start();
  }

  /** The port that is really listened on. */
  int port() {
    return listener.port();
  }

  @Override
  public Future<?> stop() {
    return listener.stop();
  }
}
