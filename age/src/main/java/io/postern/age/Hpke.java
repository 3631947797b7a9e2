package io.postern.age;

import java.util.Arrays;
import java.util.Optional;

/**
 * HPKE's single-shot base mode (RFC 9180, section 6.1) with the one suite that age uses: X-Wing,
 * HKDF-SHA256, ChaCha20Poly1305, no additional data.
 */
final class Hpke {
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

  /** {@code key_schedule_context} of RFC 9180, section 5.1: the same for every exchange. */
  private final byte[] context;

  /** For one application, which its info string names. */
  Hpke(String info) {
    this.context =
        Octets.concat(
            BASE_MODE,
            extract(NONE, "psk_id_hash", NONE),
            extract(NONE, "info_hash", Octets.ascii(info)));
  }

  /** Seals with a KEM's shared secret, which is wiped. */
  byte[] seal(byte[] secret, byte[] plaintext) {
    Schedule schedule = schedule(secret);
    byte[] sealed = ChaChaPoly.seal(schedule.key, schedule.nonce, plaintext);
    schedule.wipe();
    return sealed;
  }

  /** Opens with a KEM's shared secret, which is wiped; empty where it is not authentic. */
  Optional<byte[]> open(byte[] secret, byte[] sealed) {
    Schedule schedule = schedule(secret);
    Optional<byte[]> plaintext = ChaChaPoly.open(schedule.key, schedule.nonce, sealed);
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
