package io.postern.proxy;

import io.micrometer.core.instrument.MeterRegistry;
import io.postern.mailbox.Directory;
import io.postern.pipeline.CopiedTopic;
import io.postern.pipeline.Ledger;
import io.postern.pipeline.RawTopic;
import io.postern.protocol.Conversation;
import io.postern.proxy.pop3.Pop3Proxy;
import io.postern.proxy.pop3.Pop3Route;
import io.postern.proxy.smtp.SmtpProxy;
import io.postern.proxy.smtp.SmtpRoute;
import io.postern.wire.ConnectionLimits;
import io.postern.wire.Dialer;
import io.postern.wire.Listener;
import io.postern.wire.Peer;
import io.postern.wire.Port;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The proxies of all routes: mail passes, and what passes is copied into topic raw. */
public final class Proxy {
  private static final Logger LOG = LoggerFactory.getLogger(Proxy.class);

  /** What they work on; all of it stays the caller's to close. */
  public record Parts(
      Directory directory,
      RawTopic raw,
      Ledger ledger,
      CopiedTopic copied,
      MeterRegistry registry,
      InstantSource clock) {}

  private static final int MAX_BAD_COMMANDS = 20;
  private static final String SMTP_REFUSAL = "421 4.7.0 Too many connections; try again later\r\n";
  private static final String POP3_REFUSAL =
      "-ERR [SYS/TEMP] Too many connections; try again later\r\n";

  private final Vertx vertx;
  private final ProxyConfig config;
  private final Parts parts;
  private final OpenCopies open = new OpenCopies();
  private final Map<String, Port> ports = new LinkedHashMap<>();
  private long keepAliveTimer;

  /** Not yet listening. */
  public Proxy(Vertx vertx, ProxyConfig config, Parts parts) {
    this.vertx = vertx;
    this.config = config;
    this.parts = parts;
    for (Route route : config.routes()) {
      ports.put(route.name(), port(route));
    }
  }

  private Port port(Route route) {
    Route.Limits limits = route.limits();
    Route.Server server = route.server();
    Listener.Settings settings =
        new Listener.Settings(
            route.name(),
            config.bind(),
            route.port(),
            route.protocol().implicitTls(),
            limits.idleTimeout(),
            config.stopTimeout(),
            route.protocol().isPop3() ? POP3_REFUSAL : SMTP_REFUSAL,
            route.balancers());
    Dialer dialer =
        new Dialer(
            vertx,
            new Dialer.Settings(
                route.name() + "-server",
                server.host(),
                server.port(),
                server.tls() == UpstreamTls.IMPLICIT,
                server.connectTimeout(),
                server.silenceTimeout()),
            server.trust(),
            parts.registry());
    ProxyMeters meters = new ProxyMeters(parts.registry(), route.name());
    RateLimit rate = new RateLimit(limits.maxPerMinutePerClient(), parts.clock());
    return new Port(
        vertx,
        settings,
        config.eventLoops(),
        route.certificate(),
        new ConnectionLimits(limits.maxConnections(), limits.maxConnectionsPerClient()),
        parts.registry(),
        peer -> session(route, dialer, meters, rate, peer));
  }

  private Conversation session(
      Route route, Dialer dialer, ProxyMeters meters, RateLimit rate, Peer peer) {
    Archive archive = new PipelineArchive(parts, config, route, meters, open, peer);
    Consumer<String> complaints =
        what -> {
          meters.serverFailed();
          LOG.warn("{}: the server {} {}", route.name(), route.server(), what);
        };
    if (route.protocol().isPop3()) {
      return new Pop3Proxy(
          pop3(route),
          archive,
          new AccountCopies(parts.copied(), route.server().accounts(), peer),
          () -> rate.admits(peer.ip()),
          dialer::dial,
          complaints);
    }
    return new SmtpProxy(
        smtp(route), archive, () -> rate.admits(peer.ip()), dialer::dial, complaints);
  }

  private SmtpRoute smtp(Route route) {
    return new SmtpRoute(
        config.hostname(),
        route.protocol() == Route.Protocol.SUBMISSION,
        !route.protocol().implicitTls(),
        route.server().tls(),
        route.mailboxes(),
        route.onArchiveFailure(),
        route.limits().maxMessageBytes(),
        route.limits().maxRecipients(),
        MAX_BAD_COMMANDS);
  }

  private static Pop3Route pop3(Route route) {
    return new Pop3Route(
        !route.protocol().implicitTls(),
        route.server().tls(),
        route.mailboxes(),
        route.onArchiveFailure(),
        MAX_BAD_COMMANDS);
  }

  /** Accounts of the same name on two servers are two. */
  private record AccountCopies(CopiedTopic topic, String server, Peer peer) implements Copied {
    @Override
    public boolean contains(String account, String uidl) {
      return topic.contains(server + " " + account, uidl);
    }

    @Override
    public CompletionStage<Void> add(String account, String uidl, String messageId) {
      return peer.onLoop(topic.add(server + " " + account, uidl, messageId));
    }
  }

  /** Listens on all ports; fails where one is taken. */
  public Future<Void> start() {
    keepAliveTimer = vertx.setPeriodic(config.keepAlive().toMillis(), id -> open.keepAlive());
    return Future.all(ports.values().stream().map(Port::start).toList()).mapEmpty();
  }

  /** The ports that are really listened on, by their routes' names. */
  public Map<String, Integer> ports() {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    ports.forEach((name, port) -> numbers.put(name, port.number()));
    return numbers;
  }

  /** Lets nobody in any more; completes once the messages under way have their replies. */
  public Future<Void> stop() {
    return Future.join(ports.values().stream().map(Port::stop).toList())
        .onComplete(done -> vertx.cancelTimer(keepAliveTimer))
        .mapEmpty();
  }
}
