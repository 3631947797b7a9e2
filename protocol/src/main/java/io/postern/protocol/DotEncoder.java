package io.postern.protocol;

import java.nio.ByteBuffer;

/**
 * Dot-stuffs a text that comes in pieces of any size (RFC 5321, section 4.5.2; RFC 1939, section 3)
 * and ends it.
 */
public final class DotEncoder {
  private byte beforeLast = '\r';
  private byte last = '\n';

  /**
   * Reads a piece to its end.
   *
   * @return the piece itself, not copied, where no line in it begins with a dot
   */
  public ByteBuffer encode(ByteBuffer text) {
    int dots = 0;
    byte beforePrevious = beforeLast;
    byte previous = last;
    for (int at = text.position(); at < text.limit(); at++) {
      byte octet = text.get(at);
      if (octet == '.' && previous == '\n' && beforePrevious == '\r') {
        dots++;
      }
      beforePrevious = previous;
      previous = octet;
    }
    ByteBuffer encoded = dots == 0 ? text.slice() : stuffed(text, dots);
    beforeLast = beforePrevious;
    last = previous;
    text.position(text.limit());
    return encoded;
  }

  /** What comes after the last piece: a CRLF where the text did not end in one, and the dot. */
  public ByteBuffer finish() {
    boolean atLineStart = beforeLast == '\r' && last == '\n';
    byte[] end =
        atLineStart ? new byte[] {'.', '\r', '\n'} : new byte[] {'\r', '\n', '.', '\r', '\n'};
    return ByteBuffer.wrap(end);
  }

  private ByteBuffer stuffed(ByteBuffer text, int dots) {
    ByteBuffer stuffed = ByteBuffer.allocate(text.remaining() + dots);
    byte beforePrevious = beforeLast;
    byte previous = last;
    for (int at = text.position(); at < text.limit(); at++) {
      byte octet = text.get(at);
      if (octet == '.' && previous == '\n' && beforePrevious == '\r') {
        stuffed.put((byte) '.');
      }
      stuffed.put(octet);
      beforePrevious = previous;
      previous = octet;
    }
    return stuffed.flip();
  }
}
