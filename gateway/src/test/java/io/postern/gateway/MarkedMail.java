package io.postern.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.testkit.Sha256;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A message that tells by itself whether it is whole: its header holds the digest of its body.
 *
 * @param digest SHA-256 of the body, in hexadecimal
 */
record MarkedMail(String digest, String body) {
  private static final Pattern DIGEST = Pattern.compile("X-Digest: ([0-9a-f]{64})");

  /** One with so many lines. */
  static MarkedMail random(Random dice, int lines) {
    StringBuilder body = new StringBuilder();
    for (int i = 0; i < lines; i++) {
      body.append(Long.toHexString(dice.nextLong())).append("\r\n");
    }
    return of(body.toString());
  }

  static MarkedMail of(String body) {
    return new MarkedMail(sha256(body), body);
  }

  /**
   * Finds it in a message that was read, whatever stands before its header, and that it is whole.
   */
  static MarkedMail in(String message, String what) {
    Matcher digest = DIGEST.matcher(message);
    assertThat(digest.find()).as(what).isTrue();
    String body = message.substring(message.indexOf("\r\n\r\n") + 4);
    assertThat(sha256(body)).as(what).isEqualTo(digest.group(1));
    return new MarkedMail(digest.group(1), body);
  }

  String header() {
    return "X-Digest: " + digest + "\r\n\r\n";
  }

  private static String sha256(String text) {
    return Sha256.hex(text.getBytes(ISO_8859_1));
  }
}
