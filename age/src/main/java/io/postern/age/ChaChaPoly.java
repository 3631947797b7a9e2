package io.postern.age;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * ChaCha20-Poly1305 (RFC 8439) by the fastest sound implementation that this JVM offers: the JDK's
 * own where it has vector code for both halves (21 and later, on some processors) and there is time
 * to compile it, else Conscrypt where its native library loads, else the JDK's, else
 * BouncyCastle's. Without such code the JDK's takes four to eight times as long as Conscrypt.
 */
final class ChaChaPoly {
  static final int NONCE_LENGTH = 12;
  static final int TAG_LENGTH = 16;
  static final Provider PROVIDER = fastest();

  private static final String ALGORITHM = "ChaCha20-Poly1305";
  private static final byte[] ZERO_NONCE = new byte[NONCE_LENGTH];

  private ChaChaPoly() {}

  /** A new cipher, to be initialised with {@link #key} and an {@link IvParameterSpec}. */
  static Cipher cipher() {
    return cipher(PROVIDER);
  }

  static Cipher cipher(Provider provider) {
    try {
      return Cipher.getInstance(ALGORITHM, provider);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(provider + " has lost " + ALGORITHM, e);
    }
  }

  static SecretKeySpec key(byte[] key) {
    return new SecretKeySpec(key, "ChaCha20");
  }

  /**
   * Seals with a key that is used once, hence with the zero nonce that age wraps file keys with.
   */
  static byte[] sealOnce(byte[] key, byte[] plaintext) {
    return seal(key, ZERO_NONCE, plaintext);
  }

  /** Opens what {@link #sealOnce} made; empty where it is not authentic. */
  static Optional<byte[]> openOnce(byte[] key, byte[] sealed) {
    return open(key, ZERO_NONCE, sealed);
  }

  static byte[] seal(byte[] key, byte[] nonce, byte[] plaintext) {
    try {
      Cipher cipher = cipher();
      cipher.init(Cipher.ENCRYPT_MODE, key(key), new IvParameterSpec(nonce));
      return cipher.doFinal(plaintext);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot seal with " + PROVIDER, e);
    }
  }

  static Optional<byte[]> open(byte[] key, byte[] nonce, byte[] sealed) {
    try {
      // A new cipher each time: the JDK's refuses the same key and nonce twice in a row.
      Cipher cipher = cipher();
      cipher.init(Cipher.DECRYPT_MODE, key(key), new IvParameterSpec(nonce));
      return Optional.of(cipher.doFinal(sealed));
    } catch (AEADBadTagException e) {
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot open with " + PROVIDER, e);
    }
  }

  private static Provider fastest() {
    Optional<Provider> jdk = jdk();
    boolean vectorised = Runtime.version().feature() >= 21 && Processor.multipliesWide();
    if (vectorised && jdk.isPresent() && !Ciphers.areForShortProcess()) {
      return jdk.get();
    }
    return Native.provider().or(() -> jdk).orElseGet(BouncyCastleProvider::new);
  }

  private static Optional<Provider> jdk() {
    try {
      return Optional.of(Cipher.getInstance(ALGORITHM).getProvider());
    } catch (GeneralSecurityException e) {
      return Optional.empty();
    }
  }
}
