package io.postern.protocol.pop3;

import io.postern.protocol.Line;
import java.nio.ByteBuffer;

/** Gathers small answers, so that a batch of pipelined ones leaves in few writes. */
final class Outbox {
  private static final int FIRST_BYTES = 512;
  private static final int LOAD_BYTES = 16 * 1024;

  private final Line line;
  private ByteBuffer gathered = ByteBuffer.allocate(FIRST_BYTES);

  Outbox(Line line) {
    this.line = line;
  }

  /** Takes octets for good: copies a few, and hands on many as they are. */
  void write(ByteBuffer octets) {
    if (octets.remaining() >= LOAD_BYTES) {
      flush();
      line.send(octets);
      return;
    }
    if (gathered.remaining() < octets.remaining()) {
      int needed = gathered.position() + octets.remaining();
      gathered =
          ByteBuffer.allocate(Math.max(needed, 2 * gathered.capacity())).put(gathered.flip());
    }
    gathered.put(octets);
    if (gathered.position() >= LOAD_BYTES) {
      flush();
    }
  }

  /** Sends what has been gathered. */
  void flush() {
    if (gathered.position() > 0) {
      line.send(gathered.flip());
      gathered = ByteBuffer.allocate(FIRST_BYTES);
    }
  }
}
