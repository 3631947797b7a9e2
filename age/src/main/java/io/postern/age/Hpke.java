package io.postern.age;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Provider;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import org.conscrypt.HpkeContextRecipient;
import org.conscrypt.HpkeContextSender;
import org.conscrypt.HpkeDecryptException;
import org.conscrypt.OpenSslXwingPrivateKey;
import org.conscrypt.OpenSslXwingPublicKey;

/**
 * HPKE's single-shot base mode (RFC 9180, section 6.1) with the one suite that age uses: X-Wing,
 * HKDF-SHA256, ChaCha20Poly1305, no additional data. Conscrypt's where it loads: half the time of
 * BouncyCastle's, and as fast for the first message as for the thousandth.
 */
final class Hpke {
  private static final String NATIVE_SUITE = "XWING/HKDF_SHA256/CHACHA20POLY1305";
  private static final int KDF_HKDF_SHA256 = 0x0001;
  private static final int AEAD_CHACHA20_POLY1305 = 0x0003;
  private static final byte[] SUITE = {
    'H',
    'P',
    'K',
    'E',
    XWing.ID >>> 8,
    XWing.ID & 255,
    0,
    KDF_HKDF_SHA256,
    0,
    AEAD_CHACHA20_POLY1305
  };
  private static final byte[] VERSION = Octets.ascii("HPKE-v1");
  private static final byte[] NONE = {};
  private static final byte[] BASE_MODE = {0};

  private final byte[] info;

  /** {@code key_schedule_context} of RFC 9180, section 5.1: the same for every exchange. */
  private final byte[] context;

  /**
   * What one call to seal makes.
   *
   * @param encapsulation 1120 octets for the key's owner
   * @param octets what was sealed, and 16 more
   */
  record Sealed(byte[] encapsulation, byte[] octets) {}

  /** For one application, which its info string names. */
  Hpke(String info) {
    this.info = Octets.ascii(info);
    this.context =
        Octets.concat(
            BASE_MODE, extract(NONE, "psk_id_hash", NONE), extract(NONE, "info_hash", this.info));
  }

  /** {@code SealBase} of the RFC. */
  Sealed seal(XWing.PublicKey key, byte[] plaintext, SecureRandom random) {
    return Native.provider()
        .map(provider -> sealNatively(key, plaintext, provider))
        .orElseGet(() -> sealInJava(key, plaintext, random));
  }

  Sealed sealNatively(XWing.PublicKey key, byte[] plaintext, Provider provider) {
    try {
      HpkeContextSender sender = HpkeContextSender.getInstance(NATIVE_SUITE, provider);
      sender.init(new OpenSslXwingPublicKey(key.encoded()), info);
      return new Sealed(sender.getEncapsulated(), sender.seal(plaintext, NONE));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a key that was checked is refused", e);
    }
  }

  Sealed sealInJava(XWing.PublicKey key, byte[] plaintext, SecureRandom random) {
    XWing.Encapsulation fresh = key.encapsulate(random);
    Schedule schedule = schedule(fresh.secret());
    byte[] sealed = ChaChaPoly.seal(schedule.key, schedule.nonce, plaintext);
    schedule.wipe();
    return new Sealed(fresh.ciphertext(), sealed);
  }

  /**
   * {@code OpenBase} of the RFC; empty where it was not sealed to this key, or is not authentic.
   *
   * @throws InvalidKeyException where the encapsulation's X25519 part is of low order
   */
  Optional<byte[]> open(XWing.PrivateKey key, Sealed sealed) throws InvalidKeyException {
    return Native.provider().isPresent()
        ? openNatively(key, sealed, Native.provider().get())
        : openInJava(key, sealed);
  }

  Optional<byte[]> openNatively(XWing.PrivateKey key, Sealed sealed, Provider provider)
      throws InvalidKeyException {
    try {
      HpkeContextRecipient recipient = HpkeContextRecipient.getInstance(NATIVE_SUITE, provider);
      recipient.init(sealed.encapsulation(), new OpenSslXwingPrivateKey(key.seed()), info);
      return Optional.of(recipient.open(sealed.octets(), NONE));
    } catch (HpkeDecryptException e) {
      return Optional.empty();
    } catch (GeneralSecurityException | RuntimeException e) {
      // Conscrypt refuses points of low order; whether that was the reason, BouncyCastle tells.
      return openInJava(key, sealed);
    }
  }

  Optional<byte[]> openInJava(XWing.PrivateKey key, Sealed sealed) throws InvalidKeyException {
    byte[] secret =
        key.decapsulate(sealed.encapsulation())
            .orElseThrow(() -> new InvalidKeyException("a share of low order"));
    Schedule schedule = schedule(secret);
    Optional<byte[]> plaintext = ChaChaPoly.open(schedule.key, schedule.nonce, sealed.octets());
    schedule.wipe();
    return plaintext;
  }

  private record Schedule(byte[] key, byte[] nonce) {
    void wipe() {
      Arrays.fill(key, (byte) 0);
    }
  }

  /** The key schedule (RFC 9180, section 5.1) up to the first message. */
  private Schedule schedule(byte[] sharedSecret) {
    byte[] secret = extract(sharedSecret, "secret", NONE);
    Arrays.fill(sharedSecret, (byte) 0);
    Schedule schedule =
        new Schedule(
            expand(secret, "key", 32), expand(secret, "base_nonce", ChaChaPoly.NONCE_LENGTH));
    Arrays.fill(secret, (byte) 0);
    return schedule;
  }

  private static byte[] extract(byte[] salt, String label, byte[] secret) {
    return Hkdf.extract(salt, Octets.concat(VERSION, SUITE, Octets.ascii(label), secret));
  }

  private byte[] expand(byte[] secret, String label, int length) {
    byte[] info =
        Octets.concat(new byte[] {0, (byte) length}, VERSION, SUITE, Octets.ascii(label), context);
    return Hkdf.expand(secret, info, length);
  }
}
