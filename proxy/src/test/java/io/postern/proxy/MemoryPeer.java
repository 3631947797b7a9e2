package io.postern.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.protocol.Conversation;
import io.postern.protocol.Line;
import io.postern.protocol.Tls;
import io.postern.testkit.MemoryLine;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Queue;

/** The other end of one of a proxy's two connections, without a network. */
final class MemoryPeer implements Peer {
  private static final Tls TLS = new Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384");

  private final Conversation conversation;
  private final int chunkBytes;
  private final ProxyLine line;
  private boolean slow;

  MemoryPeer(
      Conversation conversation, Queue<Runnable> later, int chunkBytes, boolean implicitTls) {
    this.conversation = conversation;
    this.chunkBytes = chunkBytes;
    line = new ProxyLine(later);
    later.add(() -> conversation.opened(line, implicitTls ? TLS : Tls.NONE));
  }

  @Override
  public void send(byte[] octets) {
    for (int from = 0; from < octets.length; ) {
      int to = (int) Math.min((long) from + chunkBytes, octets.length);
      line.deliver(Arrays.copyOfRange(octets, from, to));
      from = to;
    }
    line.listen();
  }

  /** Sends, and lets nothing happen that waits for later. */
  void sendWithoutListening(byte[] octets) {
    line.deliver(octets);
  }

  @Override
  public byte[] receive(int count) {
    return line.receive(count);
  }

  @Override
  public String receiveLine() {
    return line.receiveLine(ISO_8859_1);
  }

  @Override
  public void startTls() {
    line.handshake();
  }

  @Override
  public void vanish() {
    line.vanish();
  }

  @Override
  public void awaitEnd() {
    expectNothingMore();
    assertThat(line.isClosed()).as("closed").isTrue();
  }

  @Override
  public void awaitTimeout() {
    line.listen();
    conversation.timedOut();
    line.listen();
  }

  @Override
  public void discard() {
    line.receive(Integer.MAX_VALUE);
  }

  @Override
  public void expectNothingMore() {
    line.listen();
    assertThat(line.unread(ISO_8859_1)).as("unexpected octets").isEmpty();
  }

  /** Takes no more octets; the proxy must stop sending some. */
  void beSlow(boolean slow) {
    this.slow = slow;
    if (!slow) {
      conversation.drained();
      line.listen();
    }
  }

  boolean isPaused() {
    return line.isPaused();
  }

  private final class ProxyLine extends MemoryLine implements Line {
    ProxyLine(Queue<Runnable> later) {
      super(later);
    }

    @Override
    public boolean writable() {
      return !slow;
    }

    @Override
    protected void received(ByteBuffer octets) {
      conversation.received(octets);
    }

    @Override
    protected void secured() {
      conversation.secured(TLS);
    }

    @Override
    protected void ended() {
      conversation.closed();
    }
  }
}
