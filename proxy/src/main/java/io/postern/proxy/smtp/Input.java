package io.postern.proxy.smtp;

import java.nio.ByteBuffer;

/** What the client's next octets are: commands, a challenge's answer, a message. */
interface Input {
  /** Reads as many octets as are its own. */
  void read(ByteBuffer octets);
}
