package io.postern.proxy.pop3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.postern.proxy.Sasl;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What a server can do (RFC 2449), and what of it passes. */
final class Capabilities {
  private static final Set<String> CARRIED =
      Set.of(
          "TOP",
          "UIDL",
          "RESP-CODES",
          "AUTH-RESP-CODE",
          "LOGIN-DELAY",
          "EXPIRE",
          "PIPELINING",
          "UTF8");

  private Capabilities() {}

  /**
   * What we can do in turn, one a line.
   *
   * @param text the server's list
   * @param mayLogIn whether both sides are protected
   * @param offerStls whether the client can have TLS and has not
   */
  static String filter(byte[] text, boolean mayLogIn, boolean offerStls) {
    List<String> filtered = new ArrayList<>();
    for (String line : lines(text)) {
      String[] words = line.trim().split(" +");
      String keyword = words[0].toUpperCase(Locale.ROOT);
      if (CARRIED.contains(keyword) || mayLogIn && keyword.equals("USER")) {
        filtered.add(line.trim());
      } else if (mayLogIn && keyword.equals("SASL")) {
        List<String> carried = Sasl.carried(Arrays.asList(words).subList(1, words.length));
        if (!carried.isEmpty()) {
          filtered.add("SASL " + String.join(" ", carried));
        }
      }
    }
    if (offerStls) {
      filtered.add("STLS");
    }
    return text(filtered);
  }

  /** Of a list of mechanisms, one a line, those that pass. */
  static String mechanisms(byte[] text) {
    return text(lines(text).stream().map(String::trim).filter(Sasl::carries).toList());
  }

  private static List<String> lines(byte[] text) {
    return new String(text, ISO_8859_1).lines().filter(line -> !line.isBlank()).toList();
  }

  private static String text(List<String> lines) {
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(line).append("\r\n"));
    return text.toString();
  }
}
