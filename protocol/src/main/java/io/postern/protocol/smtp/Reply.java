package io.postern.protocol.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * A reply.
 *
 * @param code RFC 5321, section 4.2
 * @param status RFC 3463; empty where RFC 2034 wants none: the greeting, answers to EHLO and HELO,
 *     and 3xx
 * @param lines at least one
 */
record Reply(int code, String status, List<String> lines) {
  static Reply of(int code, String status, String line) {
    return new Reply(code, status, List.of(line));
  }

  ByteBuffer encoded() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      text.append(code).append(i < lines.size() - 1 ? '-' : ' ');
      text.append(status.isEmpty() ? "" : status + " ").append(lines.get(i)).append("\r\n");
    }
    return ByteBuffer.wrap(text.toString().getBytes(UTF_8));
  }
}
