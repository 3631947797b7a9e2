package io.postern.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.testkit.Dialogue;
import io.postern.testkit.MemoryLine;
import java.nio.ByteBuffer;
import java.util.Queue;

/** A dialogue without a network. */
public final class MemoryDialogue implements Dialogue {
  private static final Tls TLS = new Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384");

  private final Conversation conversation;
  private final Queue<String> observations;
  private final ServerLine line;

  /**
   * Connects.
   *
   * @param later what is to happen later on the event loop
   * @param observations where the application says what it did
   */
  public MemoryDialogue(
      Conversation conversation, Queue<Runnable> later, Queue<String> observations) {
    this.conversation = conversation;
    this.observations = observations;
    line = new ServerLine(later);
    conversation.opened(line, Tls.NONE);
  }

  public Conversation conversation() {
    return conversation;
  }

  @Override
  public void send(byte[] octets) {
    line.deliver(octets);
  }

  @Override
  public String receive() {
    return line.receiveLine(UTF_8);
  }

  @Override
  public void startTls() {
    if (!line.isClosed()) {
      line.handshake();
    }
  }

  @Override
  public String observe() {
    line.listen();
    return observations.poll();
  }

  @Override
  public void expectNothingMore() {
    line.listen();
    assertThat(line.unread(UTF_8)).as("octets sent by the server").isEmpty();
    assertThat(observations).as("unexpected deeds").isEmpty();
  }

  @Override
  public void close() {
    line.vanish();
  }

  private final class ServerLine extends MemoryLine implements Line {
    ServerLine(Queue<Runnable> later) {
      super(later);
    }

    @Override
    public void send(ByteBuffer octets) {
      assertThat(isClosed()).as("sending on a closed line").isFalse();
      super.send(octets);
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
