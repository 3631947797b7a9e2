package io.postern.bench.micro;

/** Texts like mail: lines of 78 octets, CRLF counted. */
final class Texts {
  private static final int LINE_BYTES = 78;

  private Texts() {}

  /**
   * So many octets, ending in a CRLF.
   *
   * @param dotEvery one line in so many begins with a dot; 0: none
   */
  static byte[] lines(int size, int dotEvery) {
    byte[] text = new byte[size];
    for (int at = 0; at < size; at++) {
      text[at] = (byte) ('A' + at % 26);
    }
    for (int line = 0; (line + 1) * LINE_BYTES <= size; line++) {
      int start = line * LINE_BYTES;
      if (dotEvery > 0 && line % dotEvery == 0) {
        text[start] = '.';
      }
      end(text, start + LINE_BYTES);
    }
    end(text, size);
    return text;
  }

  private static void end(byte[] text, int end) {
    text[end - 2] = '\r';
    text[end - 1] = '\n';
  }
}
