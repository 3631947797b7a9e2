package io.postern.proxy.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.postern.proxy.Sasl;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What a server offers in its reply to EHLO, and what of it the proxy can carry through. */
final class Extensions {
  private static final Set<String> CARRIED =
      Set.of("PIPELINING", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES", "CHUNKING");

  private Extensions() {}

  static boolean offers(ServerReply reply, String keyword) {
    return lines(reply).stream().anyMatch(line -> keyword(line).equals(keyword));
  }

  /**
   * What we offer in turn, one extension a string.
   *
   * @param maxMessageBytes the most that we take, whatever the server does
   * @param mayAuthenticate whether both sides are protected
   */
  static List<String> filter(ServerReply reply, long maxMessageBytes, boolean mayAuthenticate) {
    List<String> filtered = new ArrayList<>();
    for (String line : lines(reply)) {
      String keyword = keyword(line);
      if (CARRIED.contains(keyword)) {
        filtered.add(keyword);
      } else if (keyword.equals("SIZE")) {
        filtered.add("SIZE " + smaller(line, maxMessageBytes));
      } else if (mayAuthenticate) {
        mechanisms(line).ifPresent(filtered::add);
      }
    }
    return filtered;
  }

  /** AUTH, and AUTH= for clients of last century, without what cannot pass. */
  private static Optional<String> mechanisms(String line) {
    String upper = line.toUpperCase(Locale.ROOT);
    if (!upper.startsWith("AUTH ") && !upper.startsWith("AUTH=")) {
      return Optional.empty();
    }
    List<String> carried =
        Sasl.carried(Arrays.asList(line.substring("AUTH ".length()).trim().split(" +")));
    return carried.isEmpty()
        ? Optional.empty()
        : Optional.of(upper.substring(0, "AUTH ".length()) + String.join(" ", carried));
  }

  /** RFC 1870: without a number, or with 0, there is no limit that the server knows of. */
  private static long smaller(String line, long ours) {
    String number = line.substring("SIZE".length()).trim();
    boolean known = number.matches("[1-9][0-9]{0,17}");
    return known ? Math.min(Long.parseLong(number), ours) : ours;
  }

  private static String keyword(String line) {
    int space = line.indexOf(' ');
    return (space < 0 ? line : line.substring(0, space)).toUpperCase(Locale.ROOT);
  }

  /** All but the first, which is a greeting. */
  private static List<String> lines(ServerReply reply) {
    return reply.lines().stream()
        .skip(1)
        .map(
            line ->
                new String(
                        line,
                        Math.min(4, line.length),
                        line.length - Math.min(4, line.length),
                        ISO_8859_1)
                    .strip())
        .toList();
  }
}
