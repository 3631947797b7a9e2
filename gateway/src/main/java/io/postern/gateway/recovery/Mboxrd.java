package io.postern.gateway.recovery;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;

/** One message's way into an mboxrd file: line ends, quoting, and the empty line behind it. */
final class Mboxrd {
  /** Takes an octet. */
  interface Out {
    void put(int octet) throws IOException;
  }

  private static final byte[] FROM = "From ".getBytes(US_ASCII);

  private final Out out;

  /** Whether only {@code >}s have come in this line, so that a separator could follow. */
  private boolean atStart = true;

  /** How many octets of {@link #FROM} have come and are held back. */
  private int matched;

  private boolean heldCr;
  private int last = -1;

  Mboxrd(Out out) {
    this.out = out;
  }

  void write(byte[] octets, int offset, int length) throws IOException {
    for (int i = offset; i < offset + length; i++) {
      accept(octets[i]);
    }
  }

  /** The end: a last line gets its line end, and an empty line follows. */
  void finish() throws IOException {
    release();
    if (heldCr) {
      put('\r');
    }
    if (last != '\n' && last != -1) {
      put('\n');
    }
    put('\n');
  }

  private void accept(byte octet) throws IOException {
    if (heldCr) {
      heldCr = false;
      if (octet != '\n') {
        take('\r');
      }
    }
    if (octet == '\r') {
      heldCr = true;
    } else {
      take(octet);
    }
  }

  private void take(int octet) throws IOException {
    if (octet == '\n') {
      release();
      put('\n');
      atStart = true;
    } else if (atStart && matched == 0 && octet == '>') {
      put('>');
    } else if (atStart && octet == FROM[matched]) {
      if (++matched == FROM.length) {
        // One more: where among the others it stands makes no difference.
        put('>');
        release();
        atStart = false;
      }
    } else {
      release();
      atStart = false;
      put(octet);
    }
  }

  private void release() throws IOException {
    for (int i = 0; i < matched; i++) {
      put(FROM[i]);
    }
    matched = 0;
  }

  private void put(int octet) throws IOException {
    last = octet;
    out.put(octet);
  }
}
