package io.postern.age;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;

/** The X25519 recipient (C2SP age.md, "The X25519 recipient type"), {@code age1…}. */
final class X25519Recipient implements Recipient {
  static final String TYPE = "X25519";
  static final String PREFIX = "age";

  private static final byte[] INFO = Octets.ascii("age-encryption.org/v1/X25519");

  private final byte[] publicKey;

  /**
   * @throws IllegalArgumentException where nothing can be sealed to the key
   */
  X25519Recipient(byte[] publicKey) {
    if (publicKey.length != X25519.KEY_LENGTH) {
      throw new IllegalArgumentException("wrong length");
    }
    if (X25519.agree(new byte[X25519.KEY_LENGTH], publicKey).isEmpty()) {
      throw new IllegalArgumentException("point of low order");
    }
    this.publicKey = publicKey;
  }

  @Override
  public Stanza wrap(byte[] fileKey, SecureRandom random) {
    byte[] ephemeralKey = Octets.random(random, X25519.KEY_LENGTH);
    byte[] share = X25519.publicKey(ephemeralKey);
    byte[] shared = X25519.agree(ephemeralKey, publicKey).orElseThrow();
    byte[] wrapKey = wrapKey(shared, share, publicKey);
    byte[] body = ChaChaPoly.sealOnce(wrapKey, fileKey);
    Arrays.fill(ephemeralKey, (byte) 0);
    Arrays.fill(wrapKey, (byte) 0);
    return new Stanza(
        TYPE, List.of(new String(CanonicalBase64.UNPADDED.encode(share), US_ASCII)), body);
  }

  /** Derives the key that wraps the file key, and wipes the shared secret. */
  static byte[] wrapKey(byte[] shared, byte[] share, byte[] publicKey) {
    byte[] wrapKey = Hkdf.derive(shared, Octets.concat(share, publicKey), INFO);
    Arrays.fill(shared, (byte) 0);
    return wrapKey;
  }

  @Override
  public String toString() {
    return new String(Bech32.encode(PREFIX, publicKey), US_ASCII);
  }
}
