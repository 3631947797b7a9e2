package io.postern.age;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Provider;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.KeyAgreement;

/** The X25519 function (RFC 7748, section 5): Conscrypt's where it loads, else BouncyCastle's. */
final class X25519 {
  static final int KEY_LENGTH = 32;

  /** RFC 8410: what stands before the raw key in its PKCS#8 and X.509 encodings. */
  private static final byte[] PKCS8_PREFIX = {
    0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20
  };

  private static final byte[] X509_PREFIX = {
    0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 3, 0x21, 0
  };

  private X25519() {}

  static byte[] publicKey(byte[] secretKey) {
    byte[] publicKey = new byte[KEY_LENGTH];
    org.bouncycastle.math.ec.rfc7748.X25519.scalarMultBase(secretKey, 0, publicKey, 0);
    return publicKey;
  }

  /**
   * The shared secret; empty where the other side's point is of low order, which makes the secret
   * all zero whatever our key is (RFC 7748, section 6.1).
   */
  static Optional<byte[]> agree(byte[] secretKey, byte[] publicKey) {
    return Native.provider().isPresent()
        ? agreeNatively(secretKey, publicKey, Native.provider().get())
        : agreeInJava(secretKey, publicKey);
  }

  static Optional<byte[]> agreeInJava(byte[] secretKey, byte[] publicKey) {
    byte[] shared = new byte[KEY_LENGTH];
    return org.bouncycastle.math.ec.rfc7748.X25519.calculateAgreement(
            secretKey, 0, publicKey, 0, shared, 0)
        ? Optional.of(shared)
        : Optional.empty();
  }

  static Optional<byte[]> agreeNatively(byte[] secretKey, byte[] publicKey, Provider provider) {
    byte[] encodedSecretKey = Octets.concat(PKCS8_PREFIX, secretKey);
    try {
      KeyFactory keys = KeyFactory.getInstance("XDH", provider);
      KeyAgreement agreement = KeyAgreement.getInstance("XDH", provider);
      agreement.init(keys.generatePrivate(new PKCS8EncodedKeySpec(encodedSecretKey)));
      agreement.doPhase(
          keys.generatePublic(new X509EncodedKeySpec(Octets.concat(X509_PREFIX, publicKey))), true);
      byte[] shared = agreement.generateSecret();
      return isZero(shared) ? Optional.empty() : Optional.of(shared);
    } catch (GeneralSecurityException | IllegalStateException e) {
      // Conscrypt refuses points of low order; whether that was the reason, BouncyCastle tells.
      return agreeInJava(secretKey, publicKey);
    } finally {
      Arrays.fill(encodedSecretKey, (byte) 0);
    }
  }

  private static boolean isZero(byte[] octets) {
    int bits = 0;
    for (byte octet : octets) {
      bits |= octet;
    }
    return bits == 0;
  }
}
