package io.postern.proxy.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;

/**
 * Reads the address out of MAIL and RCPT, for the copy's envelope. Whether it is a good one is for
 * the mail server to say.
 */
final class Paths {
  private Paths() {}

  /**
   * What stands between the brackets, without a source route; empty where there are none.
   *
   * @param line the whole command
   * @param keyword {@code FROM:} or {@code TO:}
   */
  static Optional<String> of(byte[] line, String keyword) {
    String text = new String(line, UTF_8);
    int space = text.indexOf(' ');
    String rest = space < 0 ? "" : text.substring(space + 1).stripLeading();
    if (!rest.regionMatches(true, 0, keyword, 0, keyword.length())) {
      return Optional.empty();
    }
    String path = rest.substring(keyword.length()).stripLeading();
    int end = path.startsWith("<") ? end(path) : -1;
    return end < 0 ? Optional.empty() : Optional.of(withoutRoute(path.substring(1, end)));
  }

  /** The closing bracket that is not inside a quoted string. */
  private static int end(String path) {
    boolean quoted = false;
    for (int i = 1; i < path.length(); i++) {
      char c = path.charAt(i);
      if (quoted && c == '\\') {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == '>' && !quoted) {
        return i;
      }
    }
    return -1;
  }

  /** RFC 5321, appendix C. */
  private static String withoutRoute(String address) {
    return address.startsWith("@") ? address.substring(address.indexOf(':') + 1) : address;
  }
}
