package io.postern.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.testkit.Dialogue;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;

/**
 * A dialogue without a network: keeps to the same rules as the real connection. What a conversation
 * waits for completes through {@link #later}, when the client next listens.
 */
public final class MemoryDialogue implements Dialogue {
  private static final Tls TLS = new Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384");

  private final Conversation conversation;
  private final Queue<Runnable> later;
  private final Queue<String> observations;
  private final Deque<ByteBuffer> inbox = new ArrayDeque<>();
  private final ByteArrayOutputStream outbox = new ByteArrayOutputStream();
  private int readBytes;
  private boolean feeding;
  private boolean paused;
  private boolean securing;
  private boolean closed;

  /**
   * Connects.
   *
   * @param later what is to happen later on the event loop
   * @param observations where the application says what it did
   */
  public MemoryDialogue(
      Conversation conversation, Queue<Runnable> later, Queue<String> observations) {
    this.conversation = conversation;
    this.later = later;
    this.observations = observations;
    conversation.opened(new ServerSide(), Tls.NONE);
  }

  public Conversation conversation() {
    return conversation;
  }

  @Override
  public void send(byte[] octets) {
    if (securing) {
      hangUp();
    }
    if (!closed) {
      inbox.add(ByteBuffer.wrap(octets));
      feed();
    }
  }

  @Override
  public String receive() {
    runLater();
    byte[] all = outbox.toByteArray();
    for (int at = readBytes; at + 1 < all.length; at++) {
      if (all[at] == '\r' && all[at + 1] == '\n') {
        String line = new String(all, readBytes, at - readBytes, UTF_8);
        readBytes = at + 2;
        return line;
      }
    }
    assertThat(closed).as("the server says nothing and keeps the line open").isTrue();
    assertThat(all.length).as("half a line before the end").isEqualTo(readBytes);
    return null;
  }

  @Override
  public void startTls() {
    if (closed) {
      return;
    }
    assertThat(securing).as("the server is ready for TLS").isTrue();
    securing = false;
    conversation.secured(TLS);
  }

  @Override
  public String observe() {
    runLater();
    return observations.poll();
  }

  @Override
  public void expectNothingMore() {
    runLater();
    assertThat(outbox.size()).as("octets sent by the server").isEqualTo(readBytes);
    assertThat(observations).as("unexpected deeds").isEmpty();
  }

  @Override
  public void close() {
    if (!closed) {
      hangUp();
    }
  }

  private void hangUp() {
    closed = true;
    inbox.clear();
    later.add(conversation::closed);
    runLater();
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
      hangUp();
    }
  }

  private void runLater() {
    for (Runnable next = later.poll(); next != null; next = later.poll()) {
      next.run();
    }
  }

  private final class ServerSide implements Line {
    @Override
    public void send(ByteBuffer octets) {
      assertThat(closed).as("sending on a closed line").isFalse();
      byte[] copy = new byte[octets.remaining()];
      octets.get(copy);
      outbox.writeBytes(copy);
    }

    @Override
    public boolean writable() {
      return true;
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
      send(invitation);
      securing = true;
    }

    @Override
    public void close() {
      MemoryDialogue.this.close();
    }
  }
}
