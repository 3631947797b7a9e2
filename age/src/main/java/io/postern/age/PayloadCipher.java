package io.postern.age;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.IvParameterSpec;

/**
 * Seals and opens the chunks of one payload (C2SP age.md, "Payload"). Not thread-safe.
 *
 * <p>Chunks stand in direct buffers or, unless the cipher is {@link ChaChaPoly#IN_PLACE}, at the
 * beginning of arrays of about their size.
 */
final class PayloadCipher {
  /** Octets of plaintext in every chunk but the last. */
  static final int CHUNK_LENGTH = 64 * 1024;

  static final int TAG_LENGTH = ChaChaPoly.TAG_LENGTH;
  static final int SEALED_CHUNK_LENGTH = CHUNK_LENGTH + TAG_LENGTH;
  static final int PAYLOAD_NONCE_LENGTH = 16;

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

  private PayloadCipher(SecretKey key) {
    this.key = key;
  }

  /** Another one for the same payload, for another thread. */
  PayloadCipher another() {
    return new PayloadCipher(key);
  }

  /** Seals what is in {@code chunk}, which may share its array with {@code sealed}. */
  void seal(long index, boolean last, ByteBuffer chunk, ByteBuffer sealed) {
    try {
      cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(nonce(index, last)));
      doFinal(chunk, sealed);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot seal a chunk", e);
    }
  }

  /**
   * Opens what is in {@code sealed}, which stays there to be tried again, if it is authentic; else
   * {@code chunk} keeps its position, but what stands behind that must not be used. Both may be the
   * same if the cipher is {@link ChaChaPoly#IN_PLACE}.
   */
  boolean open(long index, boolean last, ByteBuffer sealed, ByteBuffer chunk) {
    if (sealed.remaining() < TAG_LENGTH) {
      return false;
    }
    byte[] nonce = nonce(index, last);
    if (Arrays.equals(nonce, lastNonce)) {
      // The JDK's cipher refuses the same key and nonce twice in a row, also for opening.
      cipher = ChaChaPoly.cipher();
    }
    lastNonce = nonce;
    try {
      cipher.init(Cipher.DECRYPT_MODE, key, new IvParameterSpec(nonce));
      doFinal(sealed.duplicate(), chunk);
      return true;
    } catch (AEADBadTagException e) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot open a chunk", e);
    }
  }

  private void doFinal(ByteBuffer in, ByteBuffer out) throws GeneralSecurityException {
    if (in.hasArray() && out.hasArray()) {
      // Conscrypt would make a direct buffer for each.
      int count =
          cipher.doFinal(
              in.array(),
              in.arrayOffset() + in.position(),
              in.remaining(),
              out.array(),
              out.arrayOffset() + out.position());
      out.position(out.position() + count);
    } else {
      cipher.doFinal(in, out);
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
