package io.postern.age;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HKDF-SHA-256 (RFC 5869) for outputs of at most one hash, which is all that age needs. */
final class Hkdf {
  static final int HASH_LENGTH = 32;

  private static final byte[] NO_SALT = new byte[HASH_LENGTH];

  private Hkdf() {}

  /** Extract, then expand to 32 octets. */
  static byte[] derive(byte[] secret, byte[] salt, byte[] info) {
    byte[] pseudorandomKey = extract(salt, secret);
    byte[] key = expand(pseudorandomKey, info, HASH_LENGTH);
    Arrays.fill(pseudorandomKey, (byte) 0);
    return key;
  }

  /** An empty salt stands for 32 zero octets (RFC 5869, section 2.2). */
  static byte[] extract(byte[] salt, byte[] secret) {
    return hmac(salt.length == 0 ? NO_SALT : salt, secret);
  }

  static byte[] expand(byte[] pseudorandomKey, byte[] info, int length) {
    byte[] block = hmac(pseudorandomKey, Octets.concat(info, new byte[] {1}));
    return length == block.length ? block : Arrays.copyOf(block, length);
  }

  /** HMAC-SHA-256 (RFC 2104). */
  static byte[] hmac(byte[] key, byte[] message) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(message);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JVM has HMAC-SHA-256", e);
    }
  }
}
