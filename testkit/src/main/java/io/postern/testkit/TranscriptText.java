package io.postern.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How the lines of a transcript write octets and what is expected. */
public final class TranscriptText {
  private static final Pattern ESCAPE = Pattern.compile("\\\\(x(?<hex>[0-9A-Fa-f]{2})|.)");

  private TranscriptText() {}

  /**
   * What a line sends.
   *
   * @param times how often the text comes; null is once
   * @param bare whether no CRLF follows
   */
  public static byte[] sent(String text, String times, boolean bare) {
    byte[] once = octets(text);
    ByteArrayOutputStream octets = new ByteArrayOutputStream();
    int count = times == null ? 1 : Integer.parseInt(times);
    for (int i = 0; i < count; i++) {
      octets.writeBytes(once);
    }
    if (!bare) {
      octets.writeBytes(new byte[] {'\r', '\n'});
    }
    return octets.toByteArray();
  }

  /** Text that may hold {@code \r \n \t \0 \\ \xHH}. */
  public static byte[] octets(String text) {
    ByteArrayOutputStream octets = new ByteArrayOutputStream();
    Matcher escape = ESCAPE.matcher(text);
    int from = 0;
    while (escape.find()) {
      octets.writeBytes(text.substring(from, escape.start()).getBytes(UTF_8));
      octets.write(
          switch (escape.group(1).charAt(0)) {
            case 'r' -> '\r';
            case 'n' -> '\n';
            case 't' -> '\t';
            case '0' -> 0;
            case '\\' -> '\\';
            case 'x' -> Integer.parseInt(escape.group("hex"), 16);
            default -> throw new IllegalArgumentException("unknown escape " + escape.group());
          });
      from = escape.end();
    }
    octets.writeBytes(text.substring(from).getBytes(UTF_8));
    return octets.toByteArray();
  }

  /**
   * Text in which … stands for any characters.
   *
   * @param read how the octets that are to match have become characters
   */
  public static Pattern wildcards(String text, Charset read) {
    StringBuilder regex = new StringBuilder();
    for (String literal : text.split("…", -1)) {
      String octets = new String(literal.getBytes(UTF_8), read);
      regex.append(regex.isEmpty() ? "" : ".*").append(Pattern.quote(octets));
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL);
  }
}
