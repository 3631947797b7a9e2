package io.postern.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Queue;

/**
 * A line between a conversation and its peer without a network: keeps to the same rules as the real
 * connection. What the conversation waits for completes later, when the peer next listens.
 *
 * <p>The protocols' types are not known here: a subclass passes on to the conversation what comes
 * and says that it is its line, whose methods are the ones that take buffers, {@link #writable},
 * {@link #pause}, {@link #resume} and {@link #close}.
 */
public abstract class MemoryLine {
  private final Queue<Runnable> later;
  private final Deque<ByteBuffer> inbox = new ArrayDeque<>();
  private final ByteArrayOutputStream outbox = new ByteArrayOutputStream();
  private int readBytes;
  private boolean feeding;
  private boolean paused;
  private boolean securing;
  private boolean closed;

  /**
   * @param later what is to happen later on the event loop
   */
  protected MemoryLine(Queue<Runnable> later) {
    this.later = later;
  }

  protected abstract void received(ByteBuffer octets);

  protected abstract void secured();

  protected abstract void ended();

  // What the conversation does.

  public void send(ByteBuffer octets) {
    byte[] copy = new byte[octets.remaining()];
    octets.get(copy);
    if (!closed) {
      outbox.writeBytes(copy);
    }
  }

  public boolean writable() {
    return true;
  }

  public void pause() {
    paused = true;
  }

  public void resume() {
    paused = false;
    feed();
  }

  public void startTls(ByteBuffer invitation) {
    paused = false;
    send(invitation);
    securing = true;
    if (!feeding && !inbox.isEmpty()) {
      later.add(this::vanish);
    }
  }

  public void close() {
    if (!closed) {
      closed = true;
      inbox.clear();
      later.add(this::ended);
    }
  }

  // What the peer does.

  /** Sends, and lets nothing happen that waits for later. */
  public void deliver(byte[] octets) {
    if (securing) {
      vanish();
    }
    if (!closed) {
      inbox.add(ByteBuffer.wrap(octets));
      feed();
    }
  }

  /** Is gone without a word. */
  public void vanish() {
    close();
    listen();
  }

  public void handshake() {
    listen();
    assertThat(securing).as("the other side is ready for TLS").isTrue();
    securing = false;
    secured();
    listen();
  }

  /** The next line without its CRLF; null once the conversation has closed. */
  public String receiveLine(Charset charset) {
    listen();
    byte[] all = outbox.toByteArray();
    for (int at = readBytes; at + 1 < all.length; at++) {
      if (all[at] == '\r' && all[at + 1] == '\n') {
        String line = new String(all, readBytes, at - readBytes, charset);
        readBytes = at + 2;
        return line;
      }
    }
    assertThat(unread(charset)).as("half a line").isEmpty();
    assertThat(closed).as("nothing is said and the line is open").isTrue();
    return null;
  }

  /** Up to so many octets. */
  public byte[] receive(int count) {
    listen();
    byte[] all = outbox.toByteArray();
    int to = (int) Math.min(all.length, (long) readBytes + count);
    byte[] octets = Arrays.copyOfRange(all, readBytes, to);
    readBytes = to;
    return octets;
  }

  /** What has come and is still to be received. */
  public String unread(Charset charset) {
    byte[] all = outbox.toByteArray();
    return new String(all, readBytes, all.length - readBytes, charset);
  }

  /** Lets happen what waits for later. */
  public void listen() {
    for (Runnable next = later.poll(); next != null; next = later.poll()) {
      next.run();
    }
  }

  public boolean isPaused() {
    return paused;
  }

  public boolean isClosed() {
    return closed;
  }

  private void feed() {
    if (feeding) {
      return;
    }
    feeding = true;
    while (hungry() && !inbox.isEmpty()) {
      ByteBuffer octets = inbox.peek();
      received(octets);
      if (!octets.hasRemaining()) {
        inbox.poll();
      }
      assertThat(octets.hasRemaining() && hungry()).as("octets left unread").isFalse();
    }
    feeding = false;
    if (securing && !inbox.isEmpty()) {
      vanish();
    }
  }

  private boolean hungry() {
    return !paused && !securing && !closed;
  }
}
