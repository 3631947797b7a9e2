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
import io.postern.wire.TlsMaterial;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

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

  private static final int ANY_SHARED_PORT = -995;
  private static final String REFUSAL = "-ERR [SYS/TEMP] too many connections\r\n";

  private final Vertx vertx;
  private final Pop3Config config;
  private final Parts parts;
  private final LoginThrottle throttle;
  private final Unlocker unlocker;
  private final Workers workers;
  private final StoreMaildrop.Shared shared;
  private final Pop3Verticle starttls;
  private final List<Pop3Verticle> tls = new ArrayList<>();
  private final List<String> deployments = new CopyOnWriteArrayList<>();

  /** Not yet listening. Takes as long as one login. */
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
    ConnectionLimits limits =
        new ConnectionLimits(config.maxConnections(), config.maxConnectionsPerIp());
    // Only one: Vert.x 5.0.7 lets a second server on a port serve TLS, but not upgrade to it.
    this.starttls = verticle(settings("pop3-starttls", config.starttlsPort(), false), limits);
    for (int loop = 0; loop < config.eventLoops(); loop++) {
      // Vert.x shares one free port among all who ask for the same negative one.
      int port = config.tlsPort() == 0 ? ANY_SHARED_PORT : config.tlsPort();
      tls.add(verticle(settings("pop3-tls", port, true), limits));
    }
  }

  private Pop3Verticle verticle(Listener.Settings settings, ConnectionLimits limits) {
    return new Pop3Verticle(settings, parts.certificate(), limits, parts.registry(), this::session);
  }

  private Listener.Settings settings(String name, int port, boolean implicitTls) {
    return new Listener.Settings(
        name,
        config.bind(),
        port,
        implicitTls,
        config.idleTimeout(),
        config.stopTimeout(),
        REFUSAL);
  }

  /** Listens; fails where a port is taken. */
  public Future<Void> start() {
    Future<Void> started = deploy(starttls);
    for (Pop3Verticle verticle : tls) {
      started = started.compose(before -> deploy(verticle));
    }
    return started;
  }

  private Future<Void> deploy(Pop3Verticle verticle) {
    return vertx.deployVerticle(verticle).onSuccess(deployments::add).mapEmpty();
  }

  private Conversation session(Peer peer) {
    return new Pop3Session(
        config.hostname(), new MailboxLogin(parts.directory(), unlocker, throttle, shared, peer));
  }

  /** The port for STLS that is really listened on. */
  public int starttlsPort() {
    return starttls.port();
  }

  /** The port for implicit TLS that is really listened on. */
  public int tlsPort() {
    return tls.get(0).port();
  }

  /** Lets commands in flight end, then stops. */
  public Future<Void> stop() {
    return Future.join(deployments.stream().map(vertx::undeploy).toList())
        .eventually(() -> vertx.executeBlocking(this::closePools))
        .mapEmpty();
  }

  private Void closePools() {
    unlocker.close();
    workers.close();
    return null;
  }
}
