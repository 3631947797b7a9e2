package io.postern.wire;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.postern.protocol.Conversation;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One listening port: makes a {@link Conversation} for every peer that is let in. Deployed, or
 * started on the event loop that is to serve its connections; several listeners may share a port,
 * each on its own loop.
 */
public final class Listener implements Deployable {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
  private static final int BACKLOG = 1024;

  /**
   * A listener's settings.
   *
   * @param name for logs, metrics and trace headers
   * @param bind the address to listen on
   * @param port the port, or 0 for a free one
   * @param implicitTls whether the handshake comes first (RFC 8314); otherwise the conversation may
   *     ask for one
   * @param idleTimeout how long a peer may be silent
   * @param stopTimeout how long conversations may go on once the listener stops
   * @param refusal the line, CRLF included, for a peer that is one too many on a port in clear
   * @param balancers who must say in a PROXY header whom they speak for; nobody else may
   */
  public record Settings(
      String name,
      String bind,
      int port,
      boolean implicitTls,
      Duration idleTimeout,
      Duration stopTimeout,
      String refusal,
      Networks balancers) {
    /** Without balancers. */
    public Settings(
        String name,
        String bind,
        int port,
        boolean implicitTls,
        Duration idleTimeout,
        Duration stopTimeout,
        String refusal) {
      this(name, bind, port, implicitTls, idleTimeout, stopTimeout, refusal, Networks.NONE);
    }

    Settings onPort(int other) {
      return new Settings(
          name, bind, other, implicitTls, idleTimeout, stopTimeout, refusal, balancers);
    }
  }

  private final Vertx vertx;
  private final Settings settings;
  private final TlsMaterial tls;
  private final ConnectionLimits limits;
  private final ListenerMeters meters;
  private final Function<Peer, Conversation> conversations;
  private NetServer server;
  private long reloadTimer;

  public Listener(
      Vertx vertx,
      Settings settings,
      TlsMaterial tls,
      ConnectionLimits limits,
      MeterRegistry registry,
      Function<Peer, Conversation> conversations) {
    this.vertx = vertx;
    this.settings = settings;
    this.tls = tls;
    this.limits = limits;
    this.meters = new ListenerMeters(registry, settings.name(), limits);
    this.conversations = conversations;
  }

  @Override
  public Future<?> deploy(Context context) {
    return start();
  }

  @Override
  public Future<?> undeploy(Context context) {
    return stop();
  }

  /** Listens; fails where the port is taken. */
  public Future<Void> start() {
    NetServerOptions options =
        new NetServerOptions().setTcpNoDelay(true).setReuseAddress(true).setAcceptBacklog(BACKLOG);
    server = vertx.createNetServer(options);
    server.connectHandler(this::connected);
    reloadTimer =
        vertx.setPeriodic(TlsMaterial.RELOAD_INTERVAL.toMillis(), id -> reloadCertificate());
    return server
        .listen(settings.port(), settings.bind())
        .recover(
            e ->
                Future.failedFuture(
                    PortException.of(settings.name(), settings.bind(), settings.port(), e)))
        .mapEmpty();
  }

  /** The port that is really listened on. */
  public int port() {
    return server.actualPort();
  }

  /**
   * Lets nobody in any more, tells every conversation, and completes once the last has ended or its
   * time is up.
   */
  public Future<Void> stop() {
    vertx.cancelTimer(reloadTimer);
    return server.shutdown(settings.stopTimeout().toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Looks whether the certificate's files have changed; a new one serves new handshakes. */
  Future<Boolean> reloadCertificate() {
    return vertx
        .executeBlocking(tls::reload)
        .onSuccess(changed -> log(changed, "uses a new certificate"))
        .onFailure(e -> LOG.error("{} keeps its certificate: {}", settings.name(), e.getMessage()));
  }

  private void log(boolean worthIt, String what) {
    if (worthIt) {
      LOG.info("{} {}", settings.name(), what);
    }
  }

  private void connected(NetSocket socket) {
    NetSocketInternal peer = (NetSocketInternal) socket;
    Channel channel = peer.channelHandlerContext().channel();
    String ip = socket.remoteAddress().hostAddress();
    if (isBalancer(channel)) {
      Context context = vertx.getOrCreateContext();
      ProxyHeader.await(
          channel,
          ip,
          (header, client) ->
              // Later on the same event loop: what comes with the header must be in its hands.
              context.runOnContext(
                  nothing -> {
                    if (channel.isActive()) {
                      serve(peer, client);
                    }
                    header.handOver(channel);
                  }));
    } else {
      serve(peer, ip);
    }
  }

  private boolean isBalancer(Channel channel) {
    return channel.remoteAddress() instanceof InetSocketAddress remote
        && settings.balancers().contains(remote.getAddress());
  }

  private void serve(NetSocketInternal socket, String ip) {
    if (!limits.admit(ip)) {
      meters.refused();
      refuse(socket);
      return;
    }
    meters.accepted();
    Context context = vertx.getOrCreateContext();
    Peer peer = new Peer(ip, task -> context.runOnContext(nothing -> task.run()));
    new Connection(
            vertx,
            socket,
            () -> tls.context().newHandler(socket.channelHandlerContext().alloc()),
            settings.idleTimeout(),
            meters,
            conversations.apply(peer),
            failure -> {})
        .open(settings.implicitTls(), () -> limits.release(ip));
  }

  /** No handshake is spent on a peer that is one too many. */
  private void refuse(NetSocket socket) {
    if (!settings.implicitTls()) {
      socket.write(settings.refusal());
    }
    socket.close();
  }
}
