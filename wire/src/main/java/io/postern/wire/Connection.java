package io.postern.wire;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import io.postern.protocol.Conversation;
import io.postern.protocol.Line;
import io.postern.protocol.Tls;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one {@link Conversation} on a Vert.x socket. Everything happens on the socket's event loop.
 *
 * <p>Pausing turns Netty's automatic reading off instead of using {@code NetSocket.pause}: so at
 * most one read is buffered here, not dozens, and the end of the stream is seen only after all that
 * came before it (vert.x issue 5748).
 */
final class Connection implements Line {
  private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

  /** With more than this unsent the peer counts as slow, until half of it has left. */
  private static final int MAX_UNSENT_BYTES = 128 * 1024;

  /** How long a peer whose time is up may take to read why. */
  private static final Duration FAREWELL = Duration.ofSeconds(5);

  /** How far the way into TLS has been gone. */
  private enum Security {
    CLEAR,
    /** The reply that invites to the handshake is leaving. */
    INVITING,
    HANDSHAKE,
    SECURED
  }

  private final Vertx vertx;
  private final NetSocketInternal socket;
  private final Channel channel;
  private final Supplier<SslHandler> tls;
  private final ListenerMeters meters;
  private final Conversation conversation;
  private final Consumer<Throwable> handshakeFailed;
  private final Deque<ByteBuffer> inbox = new ArrayDeque<>();
  private Security security = Security.CLEAR;
  private ByteBuffer invitation;
  private Duration patience;
  private long lastProgressNanos = System.nanoTime();
  private long timer;
  private long unsentBytes;
  private boolean slow;
  private boolean opened;
  private boolean feeding;
  private boolean paused;
  private boolean closing;
  private boolean gone;

  /**
   * @param tls makes a handler for a handshake, ours to begin where we have connected
   * @param handshakeFailed hears why
   */
  Connection(
      Vertx vertx,
      NetSocketInternal socket,
      Supplier<SslHandler> tls,
      Duration idleTimeout,
      ListenerMeters meters,
      Conversation conversation,
      Consumer<Throwable> handshakeFailed) {
    this.vertx = vertx;
    this.socket = socket;
    this.channel = socket.channelHandlerContext().channel();
    this.tls = tls;
    this.patience = idleTimeout;
    this.meters = meters;
    this.conversation = conversation;
    this.handshakeFailed = handshakeFailed;
  }

  /**
   * Begins.
   *
   * @param implicitTls whether the handshake comes first
   * @param whenGone runs once the connection has ended, however it did
   */
  void open(boolean implicitTls, Runnable whenGone) {
    socket.handler(this::arrived);
    socket.closeHandler(
        nothing -> {
          whenGone.run();
          guarded(this::gone);
        });
    socket.exceptionHandler(e -> LOG.debug("connection failed: {}", e.toString()));
    socket.shutdownHandler(nothing -> guarded(this::stopping));
    timer = vertx.setTimer(patience.toMillis(), id -> guarded(this::checkIdle));
    if (implicitTls) {
      guarded(() -> handshake(this::opened));
    } else {
      guarded(() -> opened(Tls.NONE));
    }
  }

  private void opened(Tls secured) {
    opened = true;
    conversation.opened(this, secured);
  }

  private void stopping() {
    if (opened) {
      conversation.stopping();
    } else {
      close();
    }
  }

  @Override
  public void send(ByteBuffer octets) {
    int length = octets.remaining();
    if (!gone && length > 0) {
      unsentBytes += length;
      slow |= unsentBytes > MAX_UNSENT_BYTES;
      socket
          .write(BufferInternal.buffer(Unpooled.wrappedBuffer(octets)))
          .onSuccess(nothing -> guarded(() -> sent(length)));
    }
  }

  private void sent(int length) {
    progress();
    meters.sent(length);
    unsentBytes -= length;
    if (slow && unsentBytes <= MAX_UNSENT_BYTES / 2) {
      slow = false;
      if (!closing) {
        conversation.drained();
      }
    }
  }

  @Override
  public boolean writable() {
    return !slow;
  }

  @Override
  public void pause() {
    paused = true;
    channel.config().setAutoRead(false);
  }

  @Override
  public void resume() {
    if (paused) {
      paused = false;
      progress();
      guarded(this::feed);
      if (!paused) {
        channel.config().setAutoRead(true);
      }
    }
  }

  @Override
  public void startTls(ByteBuffer invitation) {
    security = Security.INVITING;
    this.invitation = invitation;
    if (!feeding) {
      invite();
    }
  }

  @Override
  public void close() {
    if (!closing) {
      closing = true;
      inbox.clear();
      // Go on reading, to no end: unread octets would turn our last reply into a reset.
      channel.config().setAutoRead(true);
      socket.close();
    }
  }

  private void arrived(Buffer buffer) {
    progress();
    meters.received(buffer.length());
    if (security == Security.INVITING) {
      refuseInjection();
    }
    if (!closing) {
      for (ByteBuffer octets : ((BufferInternal) buffer).getByteBuf().nioBuffers()) {
        inbox.add(octets);
      }
      guarded(this::feed);
    }
  }

  private void feed() {
    if (feeding) {
      return;
    }
    feeding = true;
    while (hungry() && !inbox.isEmpty()) {
      ByteBuffer octets = inbox.peek();
      conversation.received(octets);
      if (!octets.hasRemaining()) {
        inbox.poll();
      } else if (hungry()) {
        throw new IllegalStateException("the conversation left octets unread");
      }
    }
    feeding = false;
    if (security == Security.INVITING && !closing) {
      invite();
    }
  }

  private boolean hungry() {
    return !paused && !closing && (security == Security.CLEAR || security == Security.SECURED);
  }

  /**
   * From when the conversation asks for TLS until the TLS handler stands in the pipeline, whatever
   * arrives was sent in clear. The handler is there before the peer can know of the invitation.
   */
  private void invite() {
    if (!inbox.isEmpty()) {
      refuseInjection();
      return;
    }
    paused = false;
    channel.config().setAutoRead(true);
    if (!invitation.hasRemaining()) {
      // It was the peer who invited.
      handshake(conversation::secured);
      return;
    }
    socket
        .write(BufferInternal.buffer(Unpooled.wrappedBuffer(invitation)))
        .onSuccess(nothing -> guarded(() -> handshake(conversation::secured)));
  }

  private void refuseInjection() {
    LOG.info("octets in clear behind the request for TLS: connection closed");
    close();
  }

  /** Done here and not by Vert.x, whose servers cannot all upgrade where several share a port. */
  private void handshake(Consumer<Tls> then) {
    if (closing) {
      return;
    }
    security = Security.HANDSHAKE;
    SslHandler handler = tls.get();
    handler.setCumulator(TlsRecords.INSTANCE);
    channel.config().setAllocator(new HeapForOpened(channel.alloc()));
    channel.pipeline().addFirst(handler);
    handler
        .handshakeFuture()
        .addListener(
            done -> guarded(() -> handshaken(done.cause(), handler.engine().getSession(), then)));
  }

  private void handshaken(Throwable failure, SSLSession session, Consumer<Tls> then) {
    if (failure != null) {
      meters.handshakeFailed();
      LOG.debug("TLS handshake failed: {}", failure.toString());
      handshakeFailed.accept(failure);
      close();
    } else if (!closing) {
      progress();
      security = Security.SECURED;
      then.accept(new Tls(session.getProtocol(), session.getCipherSuite()));
      feed();
    }
  }

  private void gone() {
    gone = true;
    closing = true;
    vertx.cancelTimer(timer);
    inbox.clear();
    conversation.closed();
  }

  private void progress() {
    lastProgressNanos = System.nanoTime();
  }

  /** One timer a connection, set anew when it fires and not with every octet. */
  private void checkIdle() {
    Duration idle = Duration.ofNanos(System.nanoTime() - lastProgressNanos);
    boolean waitsForUs = paused && writable() && !closing;
    Duration left = waitsForUs ? patience : patience.minus(idle);
    if (left.toMillis() <= 0) {
      if (closing || !opened) {
        hangUp();
        return;
      }
      meters.timedOut();
      patience = FAREWELL;
      left = FAREWELL;
      progress();
      conversation.timedOut();
    }
    if (!gone) {
      timer = vertx.setTimer(left.toMillis(), id -> guarded(this::checkIdle));
    }
  }

  /** Closes at once. From Vert.x's own handler on, since that one would wait for the peer again. */
  private void hangUp() {
    socket.channelHandlerContext().close();
  }

  /** A fault of ours costs this connection and no other. */
  private void guarded(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      meters.faulted();
      LOG.error("connection closed by a fault", e);
      closing = true;
      feeding = false;
      inbox.clear();
      hangUp();
    }
  }
}
