package io.postern.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.List;

/** How applications behind a server under test describe what they did. */
public final class Deeds {
  private static final int MAX_SHOWN = 200;

  private Deeds() {}

  /** A message that was taken, its octets shown as a transcript's client would write them. */
  public static String mail(String from, List<String> to, String protocol, byte[] octets) {
    String text = octets.length <= MAX_SHOWN ? escaped(octets) : octets.length + " octets";
    return "mail <" + from + "> to " + to + " by " + protocol + ": " + text;
  }

  private static String escaped(byte[] octets) {
    StringBuilder text = new StringBuilder();
    for (char c : new String(octets, ISO_8859_1).toCharArray()) {
      switch (c) {
        case '\r' -> text.append("\\r");
        case '\n' -> text.append("\\n");
        case '\\' -> text.append("\\\\");
        default -> text.append(c >= ' ' && c < 0x7f ? "" + c : String.format("\\x%02x", (int) c));
      }
    }
    return text.toString();
  }
}
