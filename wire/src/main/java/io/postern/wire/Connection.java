package io.postern.wire;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.postern.protocol.Conversation;
import io.postern.protocol.Line;
import io.postern.protocol.Tls;
import io.vertx.core.AsyncResult;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.ServerSSLOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
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

  private final Vertx vertx;
  private final NetSocketInternal socket;
  private final Channel channel;
  private final Supplier<ServerSSLOptions> ssl;
  private final ListenerMeters meters;
  private final Conversation conversation;
  private final Deque<ByteBuffer> inbox = new ArrayDeque<>();
  private Duration patience;
  private long lastProgressNanos = System.nanoTime();
  private long timer;
  private Buffer invitation;
  private long unsentBytes;
  private boolean slow;
  private boolean feeding;
  private boolean paused;
  private boolean upgrading;
  private boolean closing;
  private boolean gone;

  Connection(
      Vertx vertx,
      NetSocketInternal socket,
      Supplier<ServerSSLOptions> ssl,
      Duration idleTimeout,
      ListenerMeters meters,
      Conversation conversation) {
    this.vertx = vertx;
    this.socket = socket;
    this.channel = socket.channelHandlerContext().channel();
    this.ssl = ssl;
    this.patience = idleTimeout;
    this.meters = meters;
    this.conversation = conversation;
  }

  /** Begins; {@code whenGone} runs once the connection has ended, however it did. */
  void open(Runnable whenGone) {
    socket.handler(this::arrived);
    socket.closeHandler(
        nothing -> {
          whenGone.run();
          guarded(this::gone);
        });
    socket.exceptionHandler(e -> LOG.debug("connection failed: {}", e.toString()));
    socket.shutdownHandler(nothing -> guarded(conversation::stopping));
    timer = vertx.setTimer(patience.toMillis(), id -> guarded(this::checkIdle));
    guarded(() -> conversation.opened(this, tls()));
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
      feed();
      if (!paused) {
        channel.config().setAutoRead(true);
      }
    }
  }

  @Override
  public void startTls(ByteBuffer invitation) {
    upgrading = true;
    this.invitation = BufferInternal.buffer(Unpooled.wrappedBuffer(invitation));
    if (!feeding) {
      upgrade();
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
    if (upgrading) {
      LOG.info("octets in clear behind the request for TLS: connection closed");
      close();
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
    while (!paused && !upgrading && !closing && !inbox.isEmpty()) {
      ByteBuffer octets = inbox.peek();
      conversation.received(octets);
      if (!octets.hasRemaining()) {
        inbox.poll();
      } else if (!paused && !upgrading && !closing) {
        throw new IllegalStateException("the conversation left octets unread");
      }
    }
    feeding = false;
    if (upgrading && !closing) {
      upgrade();
    }
  }

  /**
   * Vert.x must send the invitation itself: it does so once its TLS handler is ready for the
   * answer. We trust the handshake's future alone. What arrives before it completes was sent in
   * clear, and Vert.x hands on even what it had queued before it tells of the handshake's end.
   */
  private void upgrade() {
    if (!inbox.isEmpty()) {
      LOG.info("octets in clear behind the request for TLS: connection closed");
      close();
      return;
    }
    paused = false;
    channel.config().setAutoRead(true);
    socket.upgradeToSsl(ssl.get(), invitation).onComplete(done -> guarded(() -> upgraded(done)));
  }

  private void upgraded(AsyncResult<Void> done) {
    upgrading = false;
    if (done.failed()) {
      meters.handshakeFailed();
      LOG.debug("TLS handshake failed: {}", done.cause().toString());
      close();
    } else if (!closing) {
      progress();
      conversation.secured(tls());
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
      if (closing) {
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

  private Tls tls() {
    if (!socket.isSsl()) {
      return Tls.NONE;
    }
    SSLSession session = socket.sslSession();
    return new Tls(session.getProtocol(), session.getCipherSuite());
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
