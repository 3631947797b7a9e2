package io.postern.protocol;

import java.nio.ByteBuffer;

/**
 * Undoes dot-stuffing (RFC 5321, section 4.5.2) on octets that come in pieces of any size. Only
 * CRLF.CRLF ends the text, or .CRLF at its very start; a dot after a bare LF or CR is just a dot.
 * Works on runs of octets and copies none.
 */
public final class DotDecoder {
  private static final byte[] CR = {'\r'};

  private enum After {
    TEXT,
    CR,
    CRLF,
    /** A dot at the start of a line, which is not part of the text whatever follows. */
    DOT,
    /** The same and a CR, which is part of the text unless an LF follows. */
    DOT_CR
  }

  private After after = After.CRLF;
  private boolean lone;

  /**
   * Hands on the text and leaves what comes after its end in {@code octets}.
   *
   * @param octets a buffer that has an array
   * @return whether the text has ended
   */
  public boolean decode(ByteBuffer octets, Octets text) {
    byte[] array = octets.array();
    int base = octets.arrayOffset();
    int end = base + octets.limit();
    int run = base + octets.position();
    int at = run;
    while (at < end) {
      switch (after) {
        case TEXT -> {
          at = lineEnd(array, at, end);
          if (at < end) {
            lone |= array[at] == '\n';
            after = array[at++] == '\r' ? After.CR : After.TEXT;
          }
        }
        case CR -> {
          if (array[at] == '\n') {
            after = After.CRLF;
            at++;
          } else {
            lone = true;
            after = After.TEXT;
          }
        }
        case CRLF -> {
          if (array[at] == '.') {
            write(array, run, at, text);
            run = ++at;
            after = After.DOT;
          } else {
            after = After.TEXT;
          }
        }
        case DOT -> {
          if (array[at] == '\r') {
            run = ++at;
            after = After.DOT_CR;
          } else {
            after = After.TEXT;
          }
        }
        case DOT_CR -> {
          if (array[at] == '\n') {
            octets.position(at + 1 - base);
            return true;
          }
          text.write(CR, 0, 1);
          lone = true;
          after = After.TEXT;
        }
      }
    }
    write(array, run, end, text);
    octets.position(octets.limit());
    return false;
  }

  /** Whether the text had a CR or LF that is not part of a CRLF, so far. */
  public boolean loneCrOrLf() {
    return lone;
  }

  private static int lineEnd(byte[] array, int from, int end) {
    int at = from - 1;
    do {
      // Text has hardly any other control characters than CR and LF, and tabs.
      at = EightOctets.findBelow('\r' + 1, array, at + 1, end);
    } while (at < end && array[at] != '\r' && array[at] != '\n');
    return at;
  }

  private static void write(byte[] array, int from, int to, Octets text) {
    if (from < to) {
      text.write(array, from, to - from);
    }
  }
}
