package io.postern.pipeline;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.postern.age.AgeException;
import io.postern.age.Keys;
import io.postern.age.Recipient;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Whom messages are sealed to on their way to the crypto-workers. Its id travels with each message:
 * after a rotation it tells which identity an old message still needs.
 *
 * @param id the first 8 octets of the SHA-256 of the recipient's text, in hexadecimal
 * @param recipient the transit recipient
 */
public record TransitKey(String id, Recipient recipient) {
  private static final int ID_BYTES = 8;

  /** From {@code age1…}. */
  public static TransitKey of(String recipient) throws AgeException {
    return new TransitKey(id(recipient), Keys.recipient(recipient));
  }

  private static String id(String recipient) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(recipient.strip().getBytes(US_ASCII));
      return HexFormat.of().formatHex(Arrays.copyOf(hash, ID_BYTES));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
