package io.postern.protocol;

import java.nio.ByteBuffer;

/**
 * Dot-stuffs a text that comes in pieces of any size (RFC 5321, section 4.5.2; RFC 1939, section 3)
 * and ends it. Works on runs of octets, and copies only what has to change.
 */
public final class DotEncoder {
  /** The last two octets of what came before. */
  private byte beforeLast = '\r';

  private byte last = '\n';

  /**
   * Reads a piece to its end.
   *
   * @param text a buffer that has an array
   * @return the piece itself, not copied, where no line in it begins with a dot
   */
  public ByteBuffer encode(ByteBuffer text) {
    byte[] array = text.array();
    int from = text.arrayOffset() + text.position();
    int end = text.arrayOffset() + text.limit();
    int dots = 0;
    for (int at = dot(array, from, from, end); at < end; at = dot(array, from, at + 1, end)) {
      dots++;
    }
    ByteBuffer encoded = dots == 0 ? text.slice() : stuffed(array, from, end, dots);
    if (from < end) {
      beforeLast = end - from > 1 ? array[end - 2] : last;
      last = array[end - 1];
    }
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

  private ByteBuffer stuffed(byte[] array, int from, int end, int dots) {
    ByteBuffer stuffed = ByteBuffer.allocate(end - from + dots);
    int run = from;
    for (int at = dot(array, from, from, end); at < end; at = dot(array, from, at + 1, end)) {
      stuffed.put(array, run, at - run).put((byte) '.');
      run = at;
    }
    return stuffed.put(array, run, end - run).flip();
  }

  /** The next dot that begins a line, or {@code end}. */
  private int dot(byte[] array, int from, int start, int end) {
    int at = EightOctets.find((byte) '.', array, start, end);
    while (at < end && !beginsLine(array, from, at)) {
      at = EightOctets.find((byte) '.', array, at + 1, end);
    }
    return at;
  }

  private boolean beginsLine(byte[] array, int from, int at) {
    return switch (at - from) {
      case 0 -> last == '\n' && beforeLast == '\r';
      case 1 -> array[from] == '\n' && last == '\r';
      default -> array[at - 1] == '\n' && array[at - 2] == '\r';
    };
  }
}
