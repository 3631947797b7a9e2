package io.postern.age;

import static io.postern.age.AgeException.Category.ARMOR;

import java.util.Arrays;

/**
 * Takes a file out of its ASCII armor and hands it to an opener, in pieces of any size (C2SP
 * age.md, "ASCII armor"; RFC 7468, section 3, strict). Lines end with LF or CRLF; white space may
 * stand before and after the armor, and nowhere else. Not thread-safe.
 */
public final class ArmorReader {
  static final byte[] BEGIN = Octets.ascii("-----BEGIN AGE ENCRYPTED FILE-----");
  static final byte[] END = Octets.ascii("-----END AGE ENCRYPTED FILE-----");
  static final int LINE_LENGTH = 64;

  /** Octets of white space that may stand on either side. */
  static final int MAX_WHITE_SPACE = 1024;

  private enum Phase {
    BEFORE,
    BODY,
    /** After a line that can only be the last one of the body. */
    BODY_END,
    AFTER
  }

  private final Opener opener;
  private final byte[] line = new byte[MAX_WHITE_SPACE];
  private int lineLength;
  private int whiteSpace;
  private Phase phase = Phase.BEFORE;

  /**
   * @param opener what gets the file; the caller's to close
   */
  public ArmorReader(Opener opener) {
    this.opener = opener;
  }

  /** Whether a file that begins like this can only be an armored one. */
  public static boolean isArmor(byte[] beginning, int length) {
    int at = 0;
    while (at < length && isWhiteSpace(beginning[at])) {
      at++;
    }
    return at < length && beginning[at] == BEGIN[0];
  }

  /** Takes armored octets; what is authentic goes to {@code plaintext}. */
  public void update(byte[] armored, int offset, int length, Sink plaintext) throws AgeException {
    for (int at = offset; at < offset + length; at++) {
      byte octet = armored[at];
      if (phase == Phase.AFTER) {
        require(isWhiteSpace(octet), "something follows the END line");
        countWhiteSpace(1);
      } else if (octet == '\n') {
        endLine(plaintext);
      } else {
        require(lineLength < line.length, "a line is too long");
        line[lineLength++] = octet;
      }
    }
  }

  /** Says that the armored file ends here. */
  public void finish(Sink plaintext) throws AgeException {
    if (lineLength > 0) {
      endLine(plaintext);
    }
    require(phase == Phase.AFTER, "the END line is missing");
    opener.finish(plaintext);
  }

  private void endLine(Sink plaintext) throws AgeException {
    boolean crlf = lineLength > 0 && line[lineLength - 1] == '\r';
    byte[] text = Arrays.copyOf(line, crlf ? lineLength - 1 : lineLength);
    int octets = lineLength + 1;
    lineLength = 0;
    switch (phase) {
      case BEFORE -> {
        if (isBlank(text)) {
          countWhiteSpace(octets);
        } else {
          require(Arrays.equals(text, BEGIN), "the BEGIN line is missing");
          phase = Phase.BODY;
        }
      }
      case BODY -> {
        if (Arrays.equals(text, END)) {
          end();
        } else {
          readBody(text, plaintext);
        }
      }
      case BODY_END -> {
        require(Arrays.equals(text, END), "something follows a short line");
        end();
      }
      case AFTER -> throw new AssertionError("no lines after the END line");
    }
  }

  private void end() {
    phase = Phase.AFTER;
    whiteSpace = 0;
  }

  private void readBody(byte[] text, Sink plaintext) throws AgeException {
    require(text.length > 0, "a line is empty");
    require(text.length <= LINE_LENGTH, "a line is longer than 64 columns");
    byte[] octets;
    try {
      octets = CanonicalBase64.PADDED.decode(text);
    } catch (IllegalArgumentException e) {
      throw new AgeException(ARMOR, "malformed armor: a line is not canonical base64");
    }
    if (octets.length < LINE_LENGTH / 4 * 3) {
      phase = Phase.BODY_END;
    }
    opener.update(octets, 0, octets.length, plaintext);
  }

  private void countWhiteSpace(int octets) throws AgeException {
    whiteSpace += octets;
    require(whiteSpace <= MAX_WHITE_SPACE, "too much white space");
  }

  private static boolean isBlank(byte[] text) {
    for (byte octet : text) {
      if (!isWhiteSpace(octet)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isWhiteSpace(byte octet) {
    return octet == ' ' || octet >= '\t' && octet <= '\r';
  }

  private static void require(boolean condition, String otherwise) throws AgeException {
    if (!condition) {
      throw new AgeException(ARMOR, "malformed armor: " + otherwise);
    }
  }
}
