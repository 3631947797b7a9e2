package io.postern.proxy.smtp;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A mail server's reply (RFC 5321, section 4.2), to be passed on as it came.
 *
 * @param code three digits
 * @param lines as received, code included, without CRLF
 */
record ServerReply(int code, List<byte[]> lines) {
  boolean positive() {
    return code / 100 == 2;
  }

  boolean negative() {
    return code / 100 == 4 || code / 100 == 5;
  }

  ByteBuffer encoded() {
    ByteArrayOutputStream octets = new ByteArrayOutputStream();
    for (byte[] line : lines) {
      octets.writeBytes(line);
      octets.write('\r');
      octets.write('\n');
    }
    return ByteBuffer.wrap(octets.toByteArray());
  }
}
