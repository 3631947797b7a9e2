package io.postern.proxy.pop3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/**
 * The first line of a reply (RFC 1939, section 3), to be passed on as it came.
 *
 * @param line without CRLF
 */
record Status(byte[] line) {
  static Status of(String text) {
    return new Status(text.getBytes(UTF_8));
  }

  boolean isOk() {
    return starts("+OK");
  }

  /** RFC 5034, section 4: the client is to say more. */
  boolean isContinuation() {
    return starts("+ ") || line.length == 1 && line[0] == '+';
  }

  boolean isWellFormed() {
    return isOk() || starts("-ERR") || isContinuation();
  }

  /** What stands in the nth word, the status itself being 0; empty where there is none. */
  String word(int n) {
    String[] words = new String(line, UTF_8).trim().split(" +");
    return n < words.length ? words[n] : "";
  }

  ByteBuffer encoded() {
    return ByteBuffer.allocate(line.length + 2).put(line).put(new byte[] {'\r', '\n'}).flip();
  }

  private boolean starts(String prefix) {
    return new String(line, 0, Math.min(line.length, prefix.length()), ISO_8859_1).equals(prefix);
  }
}
