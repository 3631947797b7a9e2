package io.postern.protocol;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Cuts octets into lines that end in CRLF and in nothing else. A line that is too long, or that
 * holds a CR or LF of its own, is read to its end and reported once. Holds no more than one line,
 * and wipes it once handed out, since it may be a password.
 */
public final class LineFramer {
  private static final int FIRST_SIZE_BYTES = 128;

  /** What {@link #next} found. */
  public enum Found {
    /** The octets ended before the line did. */
    NOTHING,
    /** A line: see {@link #line}. */
    LINE,
    /** A line above the limit, now skipped. */
    TOO_LONG,
    /** A line with a CR or LF that is not part of a CRLF, now skipped. */
    LONE_CR_OR_LF
  }

  private int limitBytes;
  private byte[] held = new byte[FIRST_SIZE_BYTES];
  private long lengthBytes;
  private boolean afterCr;
  private boolean lone;
  private byte[] line;

  /** {@code limitBytes} counts the CRLF. */
  public LineFramer(int limitBytes) {
    limit(limitBytes);
  }

  /** Sets the limit for lines that have not begun, the CRLF counted. */
  public void limit(int limitBytes) {
    if (limitBytes < 2) {
      throw new IllegalArgumentException("a line has at least its CRLF");
    }
    this.limitBytes = limitBytes;
  }

  /** Reads up to the end of one line and leaves what comes after it in {@code octets}. */
  public Found next(ByteBuffer octets) {
    while (octets.hasRemaining()) {
      byte octet = octets.get();
      keep(octet);
      if (afterCr && octet == '\n') {
        return finish();
      }
      lone |= afterCr || octet == '\n';
      afterCr = octet == '\r';
    }
    return Found.NOTHING;
  }

  /** The line that {@link #next} has just found, without its CRLF. The caller's to keep. */
  public byte[] line() {
    return line;
  }

  /** Whether a line has begun and not ended. */
  public boolean midLine() {
    return lengthBytes > 0;
  }

  private void keep(byte octet) {
    if (lengthBytes < limitBytes) {
      if (lengthBytes == held.length) {
        byte[] longer = Arrays.copyOf(held, Math.min(2 * held.length, limitBytes));
        Arrays.fill(held, (byte) 0);
        held = longer;
      }
      held[(int) lengthBytes] = octet;
    }
    lengthBytes++;
  }

  private Found finish() {
    Found found =
        lengthBytes > limitBytes ? Found.TOO_LONG : lone ? Found.LONE_CR_OR_LF : Found.LINE;
    line = found == Found.LINE ? Arrays.copyOf(held, (int) lengthBytes - 2) : null;
    Arrays.fill(held, 0, (int) Math.min(lengthBytes, held.length), (byte) 0);
    lengthBytes = 0;
    afterCr = false;
    lone = false;
    return found;
  }
}
