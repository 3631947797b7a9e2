package io.postern.age;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.IvParameterSpec;

/**
 * Seals and opens the chunks of one payload (C2SP age.md, "Payload").
 *
 * <p>Chunks stand at the beginning of an array of about their size: the JDK copies what does not
 * begin its array, and Conscrypt copies whole arrays, however little of them is used.
 */
final class PayloadCipher {
  /** Octets of plaintext in every chunk but the last. */
  static final int CHUNK_LENGTH = 64 * 1024;

  static final int TAG_LENGTH = ChaChaPoly.TAG_LENGTH;
  static final int SEALED_CHUNK_LENGTH = CHUNK_LENGTH + TAG_LENGTH;
  static final int PAYLOAD_NONCE_LENGTH = 16;

  /** What {@link #open} answers where a chunk is not authentic. */
  static final int NOT_AUTHENTIC = -1;

  private static final byte[] KEY_INFO = Octets.ascii("payload");

  private final SecretKey key;
  private Cipher cipher = ChaChaPoly.cipher();
  private byte[] lastNonce = {};

  /** Derives the payload key; does not keep the file key. */
  PayloadCipher(byte[] fileKey, byte[] payloadNonce) {
    byte[] payloadKey = Hkdf.derive(fileKey, payloadNonce, KEY_INFO);
    this.key = ChaChaPoly.key(payloadKey);
    Arrays.fill(payloadKey, (byte) 0);
  }

  /**
   * Seals one chunk in its place, where there is room for the tag behind it; says how long it is
   * now.
   */
  int seal(long index, boolean last, byte[] chunk, int length) {
    try {
      cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(nonce(index, last)));
      return cipher.doFinal(chunk, 0, length, chunk, 0);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot seal a chunk", e);
    }
  }

  /**
   * Opens one chunk into {@code out}; says how much was written, or {@link #NOT_AUTHENTIC}, after
   * which {@code out} must not be used.
   */
  int open(long index, boolean last, byte[] chunk, int length, byte[] out) {
    if (length < TAG_LENGTH) {
      return NOT_AUTHENTIC;
    }
    byte[] nonce = nonce(index, last);
    if (Arrays.equals(nonce, lastNonce)) {
      // The JDK's cipher refuses the same key and nonce twice in a row, also for opening.
      cipher = ChaChaPoly.cipher();
    }
    lastNonce = nonce;
    try {
      cipher.init(Cipher.DECRYPT_MODE, key, new IvParameterSpec(nonce));
      return cipher.doFinal(chunk, 0, length, out, 0);
    } catch (AEADBadTagException e) {
      return NOT_AUTHENTIC;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot open a chunk", e);
    }
  }

  /** Eleven octets of big-endian counter, then the mark of the last chunk. */
  private static byte[] nonce(long index, boolean last) {
    return ByteBuffer.allocate(ChaChaPoly.NONCE_LENGTH)
        .putLong(3, index)
        .put(11, (byte) (last ? 1 : 0))
        .array();
  }
}
