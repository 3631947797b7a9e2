package io.postern.proxy.pop3;

/**
 * Watches the answer to TOP (RFC 1939, section 7): the header, an empty line, and so many lines of
 * the body. With fewer lines than were asked for it is the whole message.
 */
final class TopWatch {
  private final long wantedLines;
  private long sizeBytes;
  private long bodyLines;
  private boolean inBody;
  private boolean lineEmpty = true;
  private boolean afterCr;

  TopWatch(long wantedLines) {
    this.wantedLines = wantedLines;
  }

  void see(byte[] octets, int offset, int length) {
    sizeBytes += length;
    for (int i = offset; i < offset + length; i++) {
      byte octet = octets[i];
      if (afterCr && octet == '\n') {
        endLine();
        afterCr = false;
      } else {
        lineEmpty &= !afterCr && octet == '\r';
        afterCr = octet == '\r';
      }
    }
  }

  private void endLine() {
    if (inBody) {
      bodyLines++;
    } else {
      inBody = lineEmpty;
    }
    lineEmpty = true;
  }

  /** Whether there cannot be more of the message than this. */
  boolean isSurelyWhole() {
    return bodyLines < wantedLines;
  }

  /** Whether this is the whole message, whose size the server has told. */
  boolean isWhole(long messageBytes) {
    return sizeBytes == messageBytes;
  }
}
