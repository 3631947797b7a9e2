package io.postern.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * One exchange of RFC 4422 as somebody sees it who only passes it on. Learns who logs in, where the
 * mechanism says so, and keeps nothing else.
 */
public final class Sasl {
  /**
   * What cannot work through a proxy: it is bound to the TLS channel or its certificates (EXTERNAL,
   * RFC 5802's -PLUS), or negotiates a layer of its own around all that follows.
   */
  private static final Set<String> NOT_CARRIED =
      Set.of("EXTERNAL", "GSSAPI", "GSS-SPNEGO", "DIGEST-MD5");

  private static final int MAX_USER_CHARS = 320;

  private final String mechanism;
  private String user = "";
  private boolean told;

  public Sasl(String mechanism) {
    this.mechanism = mechanism.toUpperCase(Locale.ROOT);
  }

  /** Whether a mechanism can pass. */
  public static boolean carries(String mechanism) {
    String name = mechanism.toUpperCase(Locale.ROOT);
    return !name.isEmpty()
        && !name.endsWith("-PLUS")
        && !name.startsWith("GS2-")
        && !NOT_CARRIED.contains(name);
  }

  /** Those of a list that can pass. */
  public static List<String> carried(List<String> mechanisms) {
    return mechanisms.stream().filter(Sasl::carries).toList();
  }

  /**
   * Hears what the client says: in Base64, {@code =} for nothing (RFC 4954, section 4). The octets
   * stay the caller's.
   */
  public void clientSays(byte[] base64) {
    if (told || base64.length == 0) {
      return;
    }
    byte[] said;
    try {
      said = Base64.getDecoder().decode(base64.length == 1 ? new byte[0] : base64);
    } catch (IllegalArgumentException e) {
      // The server will say what it thinks of that.
      return;
    }
    String name = userIn(said);
    Arrays.fill(said, (byte) 0);
    if (name != null) {
      told = true;
      user = name.length() > MAX_USER_CHARS ? "" : name;
    }
  }

  /** Who logs in, as the client has written it; empty where that is not known. */
  public String user() {
    return user;
  }

  private String userIn(byte[] said) {
    return switch (mechanism) {
      // RFC 4616: [authzid] NUL authcid NUL passwd
      case "PLAIN" -> afterFirstNul(said);
      case "LOGIN" -> new String(said, UTF_8);
      // RFC 2195: user SP digest
      case "CRAM-MD5" -> lastSpace(said) < 0 ? null : new String(said, 0, lastSpace(said), UTF_8);
      case "XOAUTH2" -> attribute(said, "user=", 1);
      // RFC 7628, section 3.1: the GS2 header's authzid
      case "OAUTHBEARER" -> attribute(said, "a=", ',');
      // RFC 5802, section 5.1
      default -> mechanism.startsWith("SCRAM-") ? unquoted(attribute(said, "n=", ',')) : null;
    };
  }

  private static String afterFirstNul(byte[] octets) {
    int from = index(octets, 0, 0);
    int to = from < 0 ? -1 : index(octets, 0, from + 1);
    return to < 0 ? null : new String(octets, from + 1, to - from - 1, UTF_8);
  }

  private static int index(byte[] octets, int wanted, int from) {
    for (int i = from; i < octets.length; i++) {
      if (octets[i] == wanted) {
        return i;
      }
    }
    return -1;
  }

  private static int lastSpace(byte[] octets) {
    int last = octets.length - 1;
    while (last >= 0 && octets[last] != ' ') {
      last--;
    }
    return last;
  }

  private static String attribute(byte[] octets, String name, int end) {
    byte[] wanted = name.getBytes(ISO_8859_1);
    for (int at = 0; at + wanted.length <= octets.length; at++) {
      boolean starts = at == 0 || octets[at - 1] == end;
      if (starts && Arrays.equals(octets, at, at + wanted.length, wanted, 0, wanted.length)) {
        int from = at + wanted.length;
        int to = index(octets, end, from);
        return new String(octets, from, (to < 0 ? octets.length : to) - from, UTF_8);
      }
    }
    return null;
  }

  private static String unquoted(String saslName) {
    return saslName == null ? null : saslName.replace("=2C", ",").replace("=3D", "=");
  }

  @Override
  public String toString() {
    return "Sasl[" + mechanism + "]";
  }
}
