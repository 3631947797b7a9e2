package io.postern.age;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The X25519 identity (C2SP age.md, "The X25519 recipient type"), {@code AGE-SECRET-KEY-1…}. */
final class X25519Identity implements Identity {
  static final String PREFIX = "AGE-SECRET-KEY-";

  private final byte[] secretKey;
  private final byte[] publicKey;

  /** Keeps the array, until {@link #wipe}. */
  X25519Identity(byte[] secretKey) {
    if (secretKey.length != X25519.KEY_LENGTH) {
      throw new IllegalArgumentException("wrong length");
    }
    this.secretKey = secretKey;
    this.publicKey = X25519.publicKey(secretKey);
  }

  X25519Recipient recipient() {
    return new X25519Recipient(publicKey);
  }

  @Override
  public Optional<byte[]> unwrap(List<Stanza> stanzas) throws AgeException {
    for (Stanza stanza : stanzas) {
      if (stanza.type().equals(X25519Recipient.TYPE)) {
        stanza.requireShape(1);
        Optional<byte[]> fileKey = unwrap(stanza);
        if (fileKey.isPresent()) {
          return fileKey;
        }
      }
    }
    return Optional.empty();
  }

  private Optional<byte[]> unwrap(Stanza stanza) throws AgeException {
    byte[] share = stanza.decodeArg(0, X25519.KEY_LENGTH);
    byte[] shared =
        X25519
            .agree(secretKey, share)
            .orElseThrow(() -> stanza.malformed("has a share of low order"));
    byte[] wrapKey = X25519Recipient.wrapKey(shared, share, publicKey);
    Optional<byte[]> fileKey = ChaChaPoly.openOnce(wrapKey, stanza.body());
    Arrays.fill(wrapKey, (byte) 0);
    return fileKey;
  }

  @Override
  public void wipe() {
    Arrays.fill(secretKey, (byte) 0);
  }
}
