package io.postern.protocol.pop3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.postern.protocol.Line;
import java.nio.ByteBuffer;

/** A line that keeps what was sent, and whose peer is as slow as a test wants it. */
final class ScriptedLine implements Line {
  final StringBuilder sent = new StringBuilder();
  boolean writable = true;
  boolean paused;
  boolean closed;

  @Override
  public void send(ByteBuffer octets) {
    sent.append(ISO_8859_1.decode(octets));
  }

  @Override
  public boolean writable() {
    return writable;
  }

  @Override
  public void pause() {
    paused = true;
  }

  @Override
  public void resume() {
    paused = false;
  }

  @Override
  public void startTls(ByteBuffer invitation) {
    send(invitation);
  }

  @Override
  public void close() {
    closed = true;
  }

  /** What was sent since the last time. */
  String take() {
    String text = sent.toString();
    sent.setLength(0);
    return text;
  }
}
