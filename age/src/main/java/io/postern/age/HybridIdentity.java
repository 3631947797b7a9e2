package io.postern.age;

import java.security.InvalidKeyException;
import java.util.List;
import java.util.Optional;

/** The identity of a {@link HybridRecipient}, {@code AGE-SECRET-KEY-PQ-1…}. */
final class HybridIdentity implements Identity {
  static final String PREFIX = "AGE-SECRET-KEY-PQ-";

  private final XWing.PrivateKey privateKey;

  HybridIdentity(XWing.PrivateKey privateKey) {
    this.privateKey = privateKey;
  }

  HybridRecipient recipient() {
    return new HybridRecipient(privateKey.publicKey());
  }

  @Override
  public Optional<byte[]> unwrap(List<Stanza> stanzas) throws AgeException {
    for (Stanza stanza : stanzas) {
      if (stanza.type().equals(HybridRecipient.TYPE)) {
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
    byte[] encapsulation = stanza.decodeArg(0, XWing.CIPHERTEXT_LENGTH);
    try {
      return HybridRecipient.HPKE.open(privateKey, new Hpke.Sealed(encapsulation, stanza.body()));
    } catch (InvalidKeyException e) {
      throw stanza.malformed("has " + e.getMessage());
    }
  }

  @Override
  public void wipe() {
    privateKey.wipe();
  }
}
