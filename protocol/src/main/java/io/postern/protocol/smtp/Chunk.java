package io.postern.protocol.smtp;

import java.nio.ByteBuffer;

/** The octets that follow one BDAT, whatever there is to say to it (RFC 3030, section 2). */
final class Chunk {
  private final Command.Bdat command;
  private final Reception reception;
  private long leftBytes;

  Chunk(Command.Bdat command, Reception reception) {
    this.command = command;
    this.reception = reception;
    this.leftBytes = command.sizeBytes();
  }

  Command.Bdat command() {
    return command;
  }

  Reception reception() {
    return reception;
  }

  void read(ByteBuffer octets) {
    int now = (int) Math.min(leftBytes, octets.remaining());
    reception.write(octets.array(), octets.arrayOffset() + octets.position(), now);
    octets.position(octets.position() + now);
    leftBytes -= now;
  }

  boolean complete() {
    return leftBytes == 0;
  }
}
