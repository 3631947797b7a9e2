package io.postern.age;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.crypto.SecretWithEncapsulation;
import org.bouncycastle.crypto.digests.SHA3Digest;
import org.bouncycastle.crypto.digests.SHAKEDigest;
import org.bouncycastle.crypto.kems.MLKEMExtractor;
import org.bouncycastle.crypto.kems.MLKEMGenerator;
import org.bouncycastle.crypto.params.MLKEMParameters;
import org.bouncycastle.crypto.params.MLKEMPrivateKeyParameters;
import org.bouncycastle.crypto.params.MLKEMPublicKeyParameters;

/**
 * The KEM MLKEM768-X25519, called X-Wing (draft-ietf-hpke-pq, filippo.io/hpke-pq): ML-KEM-768 and
 * X25519 side by side, secure as long as one of the two is.
 */
final class XWing {
  static final int ID = 0x647a;
  static final int SEED_LENGTH = 32;
  static final int PUBLIC_KEY_LENGTH = 1184 + X25519.KEY_LENGTH;
  static final int CIPHERTEXT_LENGTH = 1088 + X25519.KEY_LENGTH;

  private static final int MLKEM_PUBLIC_KEY_LENGTH = 1184;
  private static final int MLKEM_CIPHERTEXT_LENGTH = 1088;
  private static final int MLKEM_SEED_LENGTH = 64;
  private static final int SECRET_LENGTH = 32;
  private static final byte[] LABEL = Octets.ascii("\\.//^\\");

  private XWing() {}

  /**
   * A fresh secret and what carries it to the key's owner.
   *
   * @param secret 32 octets; the caller wipes them
   * @param ciphertext 1120 octets
   */
  record Encapsulation(byte[] secret, byte[] ciphertext) {}

  /** What secrets are encapsulated to. */
  static final class PublicKey {
    private final byte[] encoded;
    private final MLKEMPublicKeyParameters mlkem;
    private final byte[] x25519;

    /**
     * @throws IllegalArgumentException where it is not a public key
     */
    PublicKey(byte[] encoded) {
      if (encoded.length != PUBLIC_KEY_LENGTH) {
        throw new IllegalArgumentException("wrong length");
      }
      this.encoded = encoded;
      // BouncyCastle checks the coefficients' range (FIPS 203, section 7.2) here.
      this.mlkem =
          new MLKEMPublicKeyParameters(
              MLKEMParameters.ml_kem_768, Arrays.copyOf(encoded, MLKEM_PUBLIC_KEY_LENGTH));
      this.x25519 = Arrays.copyOfRange(encoded, MLKEM_PUBLIC_KEY_LENGTH, PUBLIC_KEY_LENGTH);
      if (X25519.agree(new byte[X25519.KEY_LENGTH], x25519).isEmpty()) {
        throw new IllegalArgumentException("point of low order");
      }
    }

    byte[] encoded() {
      return encoded;
    }

    Encapsulation encapsulate(SecureRandom random) {
      SecretWithEncapsulation pq = new MLKEMGenerator(random).generateEncapsulated(mlkem);
      byte[] ephemeralKey = Octets.random(random, X25519.KEY_LENGTH);
      byte[] share = X25519.publicKey(ephemeralKey);
      byte[] shared = X25519.agree(ephemeralKey, x25519).orElseThrow();
      Arrays.fill(ephemeralKey, (byte) 0);
      return new Encapsulation(
          combine(pq.getSecret(), shared, share, x25519),
          Octets.concat(pq.getEncapsulation(), share));
    }
  }

  /** What opens encapsulations, expanded from its 32-octet seed. */
  static final class PrivateKey {
    private final byte[] seed;
    private final MLKEMPrivateKeyParameters mlkem;
    private final byte[] x25519 = new byte[X25519.KEY_LENGTH];
    private final byte[] x25519PublicKey;

    /** Keeps a copy of the seed. */
    PrivateKey(byte[] seed) {
      if (seed.length != SEED_LENGTH) {
        throw new IllegalArgumentException("wrong length");
      }
      this.seed = seed.clone();
      SHAKEDigest expansion = new SHAKEDigest(256);
      expansion.update(seed, 0, seed.length);
      byte[] mlkemSeed = new byte[MLKEM_SEED_LENGTH];
      expansion.doOutput(mlkemSeed, 0, mlkemSeed.length);
      expansion.doOutput(x25519, 0, x25519.length);
      this.mlkem = new MLKEMPrivateKeyParameters(MLKEMParameters.ml_kem_768, mlkemSeed);
      this.x25519PublicKey = X25519.publicKey(x25519);
      Arrays.fill(mlkemSeed, (byte) 0);
    }

    byte[] seed() {
      return seed;
    }

    PublicKey publicKey() {
      return new PublicKey(Octets.concat(mlkem.getPublicKey(), x25519PublicKey));
    }

    /**
     * The secret in a ciphertext of {@link #CIPHERTEXT_LENGTH} octets; another secret where it was
     * made for another key (ML-KEM rejects implicitly); empty where its X25519 part is of low
     * order.
     */
    Optional<byte[]> decapsulate(byte[] ciphertext) {
      byte[] share = Arrays.copyOfRange(ciphertext, MLKEM_CIPHERTEXT_LENGTH, CIPHERTEXT_LENGTH);
      return X25519
          .agree(x25519, share)
          .map(
              shared -> {
                byte[] mlkemPart = Arrays.copyOf(ciphertext, MLKEM_CIPHERTEXT_LENGTH);
                byte[] secret = new MLKEMExtractor(mlkem).extractSecret(mlkemPart);
                return combine(secret, shared, share, x25519PublicKey);
              });
    }

    void wipe() {
      Arrays.fill(seed, (byte) 0);
      mlkem.destroy();
      Arrays.fill(x25519, (byte) 0);
    }
  }

  /** Binds both secrets to the X25519 half of the exchange, and wipes them. */
  private static byte[] combine(byte[] mlkem, byte[] shared, byte[] share, byte[] publicKey) {
    SHA3Digest digest = new SHA3Digest(256);
    for (byte[] part : new byte[][] {mlkem, shared, share, publicKey, LABEL}) {
      digest.update(part, 0, part.length);
    }
    byte[] secret = new byte[SECRET_LENGTH];
    digest.doFinal(secret, 0);
    Arrays.fill(mlkem, (byte) 0);
    Arrays.fill(shared, (byte) 0);
    return secret;
  }
}
