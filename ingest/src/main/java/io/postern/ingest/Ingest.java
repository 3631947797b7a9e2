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
import io.postern.wire.TlsMaterial;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

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

  /** Vert.x shares one free port among all who ask for the same negative one. */
  private static final int ANY_SHARED_STARTTLS_PORT = -25;

  private static final int ANY_SHARED_TLS_PORT = -465;
  private static final String REFUSAL = "421 4.7.0 Too many connections; try again later\r\n";

  private final Vertx vertx;
  private final IngestConfig config;
  private final Parts parts;
  private final IngestMeters meters;
  private final ConnectionLimits limits;
  private final List<Listener> starttls = new ArrayList<>();
  private final List<Listener> tls = new ArrayList<>();
  private final List<String> deployments = new CopyOnWriteArrayList<>();

  /** Not yet listening. */
  public Ingest(Vertx vertx, IngestConfig config, Parts parts) {
    this.vertx = vertx;
    this.config = config;
    this.parts = parts;
    this.meters = new IngestMeters(parts.registry());
    this.limits = new ConnectionLimits(config.maxConnections(), config.maxConnectionsPerIp());
    for (int loop = 0; loop < config.eventLoops(); loop++) {
      if (config.starttlsPort() != IngestConfig.NO_PORT) {
        int port = config.starttlsPort() == 0 ? ANY_SHARED_STARTTLS_PORT : config.starttlsPort();
        starttls.add(listener(STARTTLS, port, false));
      }
      if (config.tlsPort() != IngestConfig.NO_PORT) {
        int port = config.tlsPort() == 0 ? ANY_SHARED_TLS_PORT : config.tlsPort();
        tls.add(listener(TLS, port, true));
      }
    }
  }

  private Listener listener(String name, int port, boolean implicitTls) {
    Listener.Settings settings =
        new Listener.Settings(
            name,
            config.bind(),
            port,
            implicitTls,
            config.idleTimeout(),
            config.stopTimeout(),
            REFUSAL);
    return new Listener(
        vertx,
        settings,
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
    List<Listener> all = new ArrayList<>(starttls);
    all.addAll(tls);
    return Future.all(all.stream().map(this::deploy).toList()).mapEmpty();
  }

  private Future<String> deploy(Listener listener) {
    return vertx.deployVerticle(listener).onSuccess(deployments::add);
  }

  /** The port for STARTTLS that is really listened on. */
  public int starttlsPort() {
    return starttls.get(0).port();
  }

  /** The port for implicit TLS that is really listened on. */
  public int tlsPort() {
    return tls.get(0).port();
  }

  /** Takes no more mail; completes once the messages under way have their replies. */
  public Future<Void> stop() {
    return Future.join(deployments.stream().map(vertx::undeploy).toList()).mapEmpty();
  }
}
