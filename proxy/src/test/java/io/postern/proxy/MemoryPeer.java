package io.postern.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.protocol.Conversation;
import io.postern.protocol.Line;
import io.postern.protocol.Tls;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Queue;

/** The other end of one of a proxy's two connections, without a network; keeps to its rules. */
final class MemoryPeer implements Peer {
  private static final Tls TLS = new Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384");

  private final Conversation conversation;
  private final Queue<Runnable> later;
  private final int chunkBytes;
  private final Deque<ByteBuffer> inbox = new ArrayDeque<>();
  private final ByteArrayOutputStream outbox = new ByteArrayOutputStream();
  private int readBytes;
  private boolean feeding;
  private boolean paused;
  private boolean securing;
  private boolean closed;
  private boolean slow;

  MemoryPeer(
      Conversation conversation, Queue<Runnable> later, int chunkBytes, boolean implicitTls) {
    this.conversation = conversation;
    this.later = later;
    this.chunkBytes = chunkBytes;
    later.add(() -> conversation.opened(new OurSide(), implicitTls ? TLS : Tls.NONE));
  }

  @Override
  public void send(byte[] octets) {
    for (int from = 0; from < octets.length; ) {
      int to = (int) Math.min((long) from + chunkBytes, octets.length);
      deliver(Arrays.copyOfRange(octets, from, to));
      from = to;
    }
    runLater();
  }

  /** Sends, and lets nothing happen that waits for later. */
  void sendWithoutListening(byte[] octets) {
    deliver(octets);
  }

  private void deliver(byte[] octets) {
    if (securing) {
      vanish();
    }
    if (!closed) {
      inbox.add(ByteBuffer.wrap(octets));
      feed();
    }
  }

  @Override
  public byte[] receive(int count) {
    runLater();
    byte[] all = outbox.toByteArray();
    int to = Math.min(all.length, readBytes + count);
    byte[] octets = Arrays.copyOfRange(all, readBytes, to);
    readBytes = to;
    return octets;
  }

  @Override
  public String receiveLine() {
    runLater();
    byte[] all = outbox.toByteArray();
    for (int at = readBytes; at + 1 < all.length; at++) {
      if (all[at] == '\r' && all[at + 1] == '\n') {
        String line = new String(all, readBytes, at - readBytes, ISO_8859_1);
        readBytes = at + 2;
        return line;
      }
    }
    assertThat(new String(all, readBytes, all.length - readBytes, ISO_8859_1))
        .as("half a line")
        .isEmpty();
    assertThat(closed).as("nothing is said and the line is open").isTrue();
    return null;
  }

  @Override
  public void startTls() {
    runLater();
    assertThat(securing).as("the proxy is ready for TLS").isTrue();
    securing = false;
    conversation.secured(TLS);
    runLater();
  }

  @Override
  public void vanish() {
    if (!closed) {
      closed = true;
      inbox.clear();
      later.add(conversation::closed);
    }
    runLater();
  }

  @Override
  public void awaitEnd() {
    runLater();
    assertThat(outbox.size()).as("unexpected octets").isEqualTo(readBytes);
    assertThat(closed).as("closed").isTrue();
  }

  @Override
  public void awaitTimeout() {
    runLater();
    conversation.timedOut();
    runLater();
  }

  @Override
  public void discard() {
    runLater();
    readBytes = outbox.size();
  }

  @Override
  public void expectNothingMore() {
    runLater();
    byte[] all = outbox.toByteArray();
    assertThat(new String(all, readBytes, all.length - readBytes, ISO_8859_1))
        .as("unexpected octets")
        .isEmpty();
  }

  /** Takes no more octets; the proxy must stop sending some. */
  void beSlow(boolean slow) {
    this.slow = slow;
    if (!slow) {
      conversation.drained();
      runLater();
    }
  }

  boolean isPaused() {
    return paused;
  }

  private void feed() {
    if (feeding) {
      return;
    }
    feeding = true;
    while (!paused && !securing && !closed && !inbox.isEmpty()) {
      ByteBuffer octets = inbox.peek();
      conversation.received(octets);
      if (!octets.hasRemaining()) {
        inbox.poll();
      }
      assertThat(octets.hasRemaining() && !paused && !securing && !closed)
          .as("octets left unread")
          .isFalse();
    }
    feeding = false;
    if (securing && !inbox.isEmpty()) {
      vanish();
    }
  }

  private void runLater() {
    for (Runnable next = later.poll(); next != null; next = later.poll()) {
      next.run();
    }
  }

  private final class OurSide implements Line {
    @Override
    public void send(ByteBuffer octets) {
      byte[] copy = new byte[octets.remaining()];
      octets.get(copy);
      if (!closed) {
        outbox.writeBytes(copy);
      }
    }

    @Override
    public boolean writable() {
      return !slow;
    }

    @Override
    public void pause() {
      paused = true;
    }

    @Override
    public void resume() {
      paused = false;
      feed();
    }

    @Override
    public void startTls(ByteBuffer invitation) {
      paused = false;
      send(invitation);
      securing = true;
      if (!feeding && !inbox.isEmpty()) {
        later.add(MemoryPeer.this::vanish);
      }
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        inbox.clear();
        later.add(conversation::closed);
      }
    }
  }
}
