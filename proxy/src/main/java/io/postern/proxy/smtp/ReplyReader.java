package io.postern.proxy.smtp;

import io.postern.protocol.LineFramer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Makes replies of a mail server's octets, within limits. */
final class ReplyReader {
  /**
   * Twice what RFC 5321, section 4.5.3.1.5, allows; challenges of RFC 4954, section 4, are long.
   */
  private static final int MAX_LINE_BYTES = 12_288 + 6;

  private static final int MAX_LINES = 200;
  private static final int CODE_DIGITS = 3;

  private final LineFramer framer = new LineFramer(MAX_LINE_BYTES);
  private List<byte[]> lines = new ArrayList<>();
  private int code;

  /** What the server sent is no reply. */
  static final class NoReply extends Exception {
    NoReply(String why) {
      super(why);
    }
  }

  /**
   * Reads up to the end of one reply and leaves what comes after it.
   *
   * @return null while it is not complete
   */
  ServerReply next(ByteBuffer octets) throws NoReply {
    while (octets.hasRemaining()) {
      switch (framer.next(octets)) {
        case NOTHING -> {}
        case TOO_LONG -> throw new NoReply("a line that is too long");
        case LONE_CR_OR_LF -> throw new NoReply("a line with a lone CR or LF");
        case LINE -> {
          if (add(framer.line())) {
            ServerReply reply = new ServerReply(code, lines);
            lines = new ArrayList<>();
            return reply;
          }
        }
      }
    }
    return null;
  }

  /** Whether that was the last line. */
  private boolean add(byte[] line) throws NoReply {
    int its = code(line);
    if (lines.size() == MAX_LINES) {
      throw new NoReply("too many lines");
    }
    if (!lines.isEmpty() && its != code) {
      throw new NoReply("lines with different codes");
    }
    code = its;
    lines.add(line);
    return line.length == CODE_DIGITS || line[CODE_DIGITS] == ' ';
  }

  private static int code(byte[] line) throws NoReply {
    boolean wellFormed =
        line.length == CODE_DIGITS
            || line.length > CODE_DIGITS && (line[CODE_DIGITS] == ' ' || line[CODE_DIGITS] == '-');
    if (!wellFormed || line[0] < '2' || line[0] > '5') {
      throw new NoReply("a line that is no reply");
    }
    int code = 0;
    for (int i = 0; i < CODE_DIGITS; i++) {
      if (line[i] < '0' || line[i] > '9') {
        throw new NoReply("a line that is no reply");
      }
      code = 10 * code + line[i] - '0';
    }
    return code;
  }
}
