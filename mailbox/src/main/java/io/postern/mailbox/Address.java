package io.postern.mailbox;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A mailbox's address in the one form by which it is known: lower case, Unicode NFC, no quotes. An
 * internationalised domain stays as it is written (RFC 6531 lets peers send it in UTF-8).
 *
 * @param localPart a dot-string (RFC 5321, 4.1.2; RFC 6531, 3.3), at most 64 octets of UTF-8
 * @param domain at most 255 octets; the whole address has at most 254 (RFC 5321, 4.5.3.1.3)
 */
public record Address(String localPart, String domain) {
  private static final int MAX_BYTES = 254;
  private static final int MAX_LOCAL_PART_BYTES = 64;
  private static final int MAX_LABEL_CHARS = 63;

  private static final Pattern DOT = Pattern.compile("\\.");
  private static final String ATOM = "[a-z0-9!#$%&'*+/=?^_`{|}~\\-[^\\x00-\\x7f\\p{Z}\\p{C}]]+";
  private static final Pattern DOT_STRING = Pattern.compile(ATOM + "(\\." + ATOM + ")*");
  private static final String LETTERS = "[a-z0-9[^\\x00-\\x7f\\p{Z}\\p{C}]]+";
  private static final String LABEL = LETTERS + "(-+" + LETTERS + ")*";
  private static final Pattern DOMAIN = Pattern.compile(LABEL + "(\\." + LABEL + ")*");

  public Address {
    if (!isValid(localPart, domain)) {
      throw new IllegalArgumentException("not an address");
    }
  }

  /** Reads an address as a peer or a user wrote it; empty where it is none that we can have. */
  public static Optional<Address> parse(String text) {
    int at = text.lastIndexOf('@');
    if (at < 1 || text.length() > MAX_BYTES + 2) {
      return Optional.empty();
    }
    String localPart = normaliseLocalPart(text.substring(0, at));
    String domain = normalise(text.substring(at + 1));
    return isValid(localPart, domain)
        ? Optional.of(new Address(localPart, domain))
        : Optional.empty();
  }

  /** {@code "jane.roe"} in quotes means the same as without (RFC 5321, 4.1.2). */
  static String normaliseLocalPart(String text) {
    boolean quoted = text.length() > 2 && text.startsWith("\"") && text.endsWith("\"");
    return normalise(quoted ? text.substring(1, text.length() - 1) : text);
  }

  private static String normalise(String text) {
    return Normalizer.normalize(text.toLowerCase(Locale.ROOT), Normalizer.Form.NFC);
  }

  private static boolean isValid(String localPart, String domain) {
    return bytes(localPart) <= MAX_LOCAL_PART_BYTES
        && bytes(localPart) + 1 + bytes(domain) <= MAX_BYTES
        && normalise(localPart + domain).equals(localPart + domain)
        && DOT_STRING.matcher(localPart).matches()
        && DOMAIN.matcher(domain).matches()
        && DOT.splitAsStream(domain).allMatch(label -> label.length() <= MAX_LABEL_CHARS);
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  @Override
  public String toString() {
    return localPart + "@" + domain;
  }
}
