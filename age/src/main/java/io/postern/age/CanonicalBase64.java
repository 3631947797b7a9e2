package io.postern.age;

import java.util.Arrays;
import java.util.Base64;

/**
 * Base 64 in its one canonical form (RFC 4648, sections 3.5 and 4): no line ends, no stray bits in
 * the last character, and padding exactly where it belongs.
 */
enum CanonicalBase64 {
  /** As the header uses it. */
  UNPADDED(Base64.getEncoder().withoutPadding()),
  /** As the ASCII armor uses it. */
  PADDED(Base64.getEncoder());

  private final Base64.Encoder encoder;

  CanonicalBase64(Base64.Encoder encoder) {
    this.encoder = encoder;
  }

  byte[] encode(byte[] octets) {
    return encoder.encode(octets);
  }

  /**
   * Decodes a whole text.
   *
   * @throws IllegalArgumentException where it is not what {@link #encode} would have written
   */
  byte[] decode(byte[] text) {
    byte[] octets = Base64.getDecoder().decode(text);
    // The JDK's decoder drops stray bits and takes either padding: only a re-encoding tells.
    if (!Arrays.equals(encoder.encode(octets), text)) {
      throw new IllegalArgumentException("not canonical base64");
    }
    return octets;
  }
}
