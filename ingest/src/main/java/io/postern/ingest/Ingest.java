package io.postern.ingest;

import io.micrometer.core.instrument.MeterRegistry;
import io.postern.mailbox.Directory;
import io.postern.pipeline.Ledger;
import io.postern.pipeline.RawTopic;
import io.postern.protocol.Conversation;
import io.postern.protocol.smtp.SmtpSession;
import io.postern.wire.ConnectionLimits;
import io.postern.wire.Listener;
import io.postern.wire.Peer;
import io.postern.wire.Port;
import io.postern.wire.TlsMaterial;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.InstantSource;

/** SMTP in: takes mail for the mailboxes of the directory into topic raw. */
public final class Ingest {
  /** What it works on; all of it stays the caller's to close. */
  public record Parts(
      Directory directory,
      RawTopic raw,
      Ledger ledger,
      TlsMaterial certificate,
      MeterRegistry registry,
      InstantSource clock) {}

  private static final String STARTTLS = "smtp-starttls";
  private static final String TLS = "smtp-tls";
  private static final String REFUSAL = "421 4.7.0 Too many connections; try again later\r\n";

  private final Vertx vertx;
  private final IngestConfig config;
  private final Parts parts;
  private final IngestMeters meters;
  private final ConnectionLimits limits;
  private final Port starttls;
  private final Port tls;

  /** Not yet listening. */
  public Ingest(Vertx vertx, IngestConfig config, Parts parts) {
    this.vertx = vertx;
    this.config = config;
    this.parts = parts;
    this.meters = new IngestMeters(parts.registry());
    this.limits = new ConnectionLimits(config.maxConnections(), config.maxConnectionsPerIp());
    this.starttls = port(STARTTLS, config.starttlsPort(), false);
    this.tls = port(TLS, config.tlsPort(), true);
  }

  private Port port(String name, int number, boolean implicitTls) {
    Listener.Settings settings =
        new Listener.Settings(
            name,
            config.bind(),
            number,
            implicitTls,
            config.idleTimeout(),
            config.stopTimeout(),
            REFUSAL,
            config.balancers());
    return new Port(
        vertx,
        settings,
        config.eventLoops(),
        parts.certificate(),
        limits,
        parts.registry(),
        peer -> session(peer, name));
  }

  private Conversation session(Peer peer, String listener) {
    return new SmtpSession(
        config.smtp(), new PipelineReceiver(config, parts, meters, peer, listener));
  }

  /** Listens; fails where a port is taken. */
  public Future<Void> start() {
    return Future.all(starttls.start(), tls.start()).mapEmpty();
  }

  /** The port for STARTTLS that is really listened on; {@link Port#NONE} where none is. */
  public int starttlsPort() {
    return starttls.number();
  }

  /** The port for implicit TLS that is really listened on; {@link Port#NONE} where none is. */
  public int tlsPort() {
    return tls.number();
  }

  /** Takes no more mail; completes once the messages under way have their replies. */
  public Future<Void> stop() {
    return Future.join(starttls.stop(), tls.stop()).mapEmpty();
  }
}
