package io.postern.age;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/** Small things done with arrays of octets. */
final class Octets {
  private Octets() {}

  static byte[] concat(byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    byte[] whole = new byte[length];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, whole, at, part.length);
      at += part.length;
    }
    return whole;
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  static byte[] random(SecureRandom random, int length) {
    byte[] octets = new byte[length];
    random.nextBytes(octets);
    return octets;
  }
}
