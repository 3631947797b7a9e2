package io.postern.wire;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.postern.protocol.Conversation;
import io.vertx.core.Vertx;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connects to one server, as often as asked, and lets a {@link Conversation} talk to it. */
public final class Dialer {
  private static final Logger LOG = LoggerFactory.getLogger(Dialer.class);

  /**
   * Where to, and how long it may take.
   *
   * @param name for logs and metrics
   * @param implicitTls whether the handshake comes first
   * @param connectTimeout for the connection, and again for the handshake
   * @param idleTimeout how long the server may be silent while it is to speak or to take octets
   */
  public record Settings(
      String name,
      String host,
      int port,
      boolean implicitTls,
      Duration connectTimeout,
      Duration idleTimeout) {}

  private final Vertx vertx;
  private final Settings settings;
  private final ClientTls tls;
  private final ListenerMeters meters;
  private final NetClient client;

  /**
   * @param tls how certificates are checked; null where there is never TLS
   */
  public Dialer(Vertx vertx, Settings settings, ClientTls tls, MeterRegistry registry) {
    this.vertx = vertx;
    this.settings = settings;
    this.tls = tls;
    this.meters = ListenerMeters.ofDialer(registry, settings.name());
    this.client =
        vertx.createNetClient(
            new NetClientOptions()
                .setTcpNoDelay(true)
                .setConnectTimeout((int) settings.connectTimeout().toMillis()));
  }

  /**
   * Connects. To be called on an event loop, on which the conversation lives from then on. Where
   * there is no connection, the conversation hears {@link Conversation#closed} and nothing else.
   *
   * @param complaints hears in one line why there is no connection or no TLS
   */
  public void dial(Conversation conversation, Consumer<String> complaints) {
    client
        .connect(settings.port(), settings.host())
        .onSuccess(socket -> connected(socket, conversation, complaints))
        .onFailure(
            e -> {
              complaints.accept("cannot be reached: " + e.getMessage());
              conversation.closed();
            });
  }

  private void connected(NetSocket socket, Conversation conversation, Consumer<String> complaints) {
    NetSocketInternal internal = (NetSocketInternal) socket;
    Channel channel = internal.channelHandlerContext().channel();
    meters.accepted();
    new Connection(
            vertx,
            internal,
            () -> tls.handler(channel.alloc(), settings.host(), settings.port()),
            settings.idleTimeout(),
            meters,
            conversation,
            e -> complaints.accept("no TLS: " + reason(e)))
        .open(settings.implicitTls(), () -> LOG.debug("{}: gone", settings.name()));
  }

  /** The innermost cause says what is wrong with a certificate; those around it say it is wrong. */
  private static String reason(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }
}
