package io.postern.pop3;

import io.micrometer.core.instrument.MeterRegistry;
import io.postern.mailbox.Directory;
import io.postern.maildrop.ObjectStore;
import io.postern.pipeline.Ledger;
import io.postern.protocol.Conversation;
import io.postern.protocol.pop3.Pop3Session;
import io.postern.wire.ConnectionLimits;
import io.postern.wire.Listener;
import io.postern.wire.Peer;
import io.postern.wire.Port;
import io.postern.wire.TlsMaterial;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.time.InstantSource;

/** The POP3 service: mailboxes out of the object store, for whoever knows their passwords. */
public final class Pop3Frontend {
  /** What it works on; all of it stays the caller's to close. */
  public record Parts(
      ObjectStore store,
      Directory directory,
      Ledger ledger,
      TlsMaterial certificate,
      MeterRegistry registry,
      InstantSource clock,
      SecureRandom random) {}

  private static final String REFUSAL = "-ERR [SYS/TEMP] too many connections\r\n";

  private final Vertx vertx;
  private final Pop3Config config;
  private final Parts parts;
  private final LoginThrottle throttle;
  private final Unlocker unlocker;
  private final Workers workers;
  private final StoreMaildrop.Shared shared;
  private final ConnectionLimits limits;
  private final Port starttls;
  private final Port tls;

  /** Not yet listening. */
  public Pop3Frontend(Vertx vertx, Pop3Config config, Parts parts) {
    this.vertx = vertx;
    this.config = config;
    this.parts = parts;
    this.throttle =
        new LoginThrottle(config.loginFailureBurst(), config.loginFailureRefill(), parts.clock());
    this.unlocker = new Unlocker(config.unlock(), parts.registry(), parts.random());
    this.workers =
        new Workers("pop3-store", config.storeThreads(), config.maxConnections(), parts.registry());
    this.shared =
        new StoreMaildrop.Shared(
            parts.store(),
            parts.ledger(),
            workers,
            new MemoryBudget(config.fetchAheadBytes()),
            new Pop3Meters(parts.registry()),
            parts.clock());
    this.limits = new ConnectionLimits(config.maxConnections(), config.maxConnectionsPerIp());
    this.starttls = port("pop3-starttls", config.starttlsPort(), false);
    this.tls = port("pop3-tls", config.tlsPort(), true);
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
        this::session);
  }

  /** Listens; fails where a port is taken. */
  public Future<Void> start() {
    return Future.all(starttls.start(), tls.start()).mapEmpty();
  }

  private Conversation session(Peer peer) {
    return new Pop3Session(
        config.hostname(), new MailboxLogin(parts.directory(), unlocker, throttle, shared, peer));
  }

  /** The port for STLS that is really listened on. */
  public int starttlsPort() {
    return starttls.number();
  }

  /** The port for implicit TLS that is really listened on. */
  public int tlsPort() {
    return tls.number();
  }

  /** Lets commands in flight end, then stops. */
  public Future<Void> stop() {
    return Future.join(starttls.stop(), tls.stop())
        .eventually(() -> vertx.executeBlocking(this::closePools))
        .mapEmpty();
  }

  private Void closePools() {
    unlocker.close();
    workers.close();
    return null;
  }
}
