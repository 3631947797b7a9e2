package io.postern.age;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.IvParameterSpec;

/**
 * Seals and opens the chunks of one payload (C2SP age.md, "Payload"), from and to any part of
 * arrays or direct buffers, also in place. Not thread-safe.
 */
final class PayloadCipher {
  /** Octets of plaintext in every chunk but the last. */
  static final int CHUNK_LENGTH = 64 * 1024;

  static final int TAG_LENGTH = ChaChaPoly.TAG_LENGTH;
  static final int SEALED_CHUNK_LENGTH = CHUNK_LENGTH + TAG_LENGTH;
  static final int PAYLOAD_NONCE_LENGTH = 16;

  private static final byte[] KEY_INFO = Octets.ascii("payload");

  /** How the cipher of a provider gets what stands in arrays. */
  private enum Access {
    /** As it is. */
    IN_PLACE,
    /** By way of a {@link Scratch}. */
    SCRATCH,
    /** Into a new array, which is copied. */
    COPY;

    static Access of(Provider provider) {
      return switch (provider.getName()) {
        // Copies the whole of each array that it is shown, and erases what it has not opened.
        case "Conscrypt" -> SCRATCH;
        // Since 25 at the latest without a copy of its own, and nothing is touched that is not
        // authentic.
        case "SunJCE" -> Runtime.version().feature() >= 25 ? IN_PLACE : COPY;
        default -> COPY;
      };
    }
  }

  /** A chunk outside of the heap; holds no plaintext afterwards. */
  private static final class Scratch {
    private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

    // Two, since Conscrypt takes a detour by memory of its own where one is both.
    private final ByteBuffer in = ByteBuffer.allocateDirect(SEALED_CHUNK_LENGTH);
    private final ByteBuffer out = ByteBuffer.allocateDirect(SEALED_CHUNK_LENGTH);
  }

  private static final ByteBuffer ZEROS =
      ByteBuffer.allocate(SEALED_CHUNK_LENGTH).asReadOnlyBuffer();

  private final SecretKey key;
  private final Provider provider;
  private final Access access;
  private Cipher cipher;
  private byte[] lastNonce = {};

  /** Derives the payload key; does not keep the file key. */
  PayloadCipher(byte[] fileKey, byte[] payloadNonce) {
    this(fileKey, payloadNonce, ChaChaPoly.PROVIDER);
  }

  PayloadCipher(byte[] fileKey, byte[] payloadNonce, Provider provider) {
    this(payloadKey(fileKey, payloadNonce), provider);
  }

  private PayloadCipher(SecretKey key, Provider provider) {
    this.key = key;
    this.provider = provider;
    this.access = Access.of(provider);
    this.cipher = ChaChaPoly.cipher(provider);
  }

  private static SecretKey payloadKey(byte[] fileKey, byte[] payloadNonce) {
    byte[] octets = Hkdf.derive(fileKey, payloadNonce, KEY_INFO);
    SecretKey key = ChaChaPoly.key(octets);
    Arrays.fill(octets, (byte) 0);
    return key;
  }

  /** Another one for the same payload, for another thread. */
  PayloadCipher another() {
    return new PayloadCipher(key, provider);
  }

  /** Seals what is in {@code chunk}, which may share its memory with {@code sealed}. */
  void seal(long index, boolean last, ByteBuffer chunk, ByteBuffer sealed) {
    try {
      transform(Cipher.ENCRYPT_MODE, nonce(index, last), chunk, sealed);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot seal a chunk", e);
    }
  }

  /**
   * Opens what is in {@code sealed}, if it is authentic. Else {@code chunk} keeps its position and
   * what stands behind that must not be used; {@code sealed} stays as it was, to be tried again,
   * unless both are direct and share their memory.
   */
  boolean open(long index, boolean last, ByteBuffer sealed, ByteBuffer chunk) {
    if (sealed.remaining() < TAG_LENGTH) {
      return false;
    }
    byte[] nonce = nonce(index, last);
    if (Arrays.equals(nonce, lastNonce)) {
      // The JDK's cipher refuses the same key and nonce twice in a row, also for opening.
      cipher = ChaChaPoly.cipher(provider);
    }
    lastNonce = nonce;
    try {
      transform(Cipher.DECRYPT_MODE, nonce, sealed.duplicate(), chunk);
      return true;
    } catch (AEADBadTagException e) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot open a chunk", e);
    }
  }

  private void transform(int mode, byte[] nonce, ByteBuffer in, ByteBuffer out)
      throws GeneralSecurityException {
    cipher.init(mode, key, new IvParameterSpec(nonce));
    if (in.isDirect() && out.isDirect()) {
      cipher.doFinal(in, out);
    } else if (access == Access.SCRATCH) {
      inScratch(mode, in, out);
    } else if (access == Access.IN_PLACE && in.hasArray() && out.hasArray()) {
      int count = cipher.doFinal(in.array(), start(in), in.remaining(), out.array(), start(out));
      out.position(out.position() + count);
    } else {
      byte[] octets = new byte[in.remaining()];
      in.get(octets);
      out.put(cipher.doFinal(octets));
    }
  }

  private static int start(ByteBuffer buffer) {
    return buffer.arrayOffset() + buffer.position();
  }

  private void inScratch(int mode, ByteBuffer in, ByteBuffer out) throws GeneralSecurityException {
    Scratch scratch = Scratch.OF_THREAD.get();
    ByteBuffer plaintext = mode == Cipher.ENCRYPT_MODE ? scratch.in : scratch.out;
    scratch.in.clear().put(in).flip();
    try {
      cipher.doFinal(scratch.in, scratch.out.clear());
      out.put(scratch.out.flip());
    } finally {
      plaintext.position(0).put(ZEROS.slice(0, plaintext.limit()));
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
