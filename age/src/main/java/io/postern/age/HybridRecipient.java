package io.postern.age;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.SecureRandom;
import java.util.List;

/**
 * The hybrid post-quantum recipient (C2SP age.md, "The MLKEM768-X25519 (i.e. X-Wing) hybrid
 * post-quantum recipient type"), {@code age1pq1…}.
 */
final class HybridRecipient implements Recipient {
  static final String TYPE = "mlkem768x25519";
  static final String PREFIX = "age1pq";
  static final Hpke HPKE = new Hpke("age-encryption.org/mlkem768x25519");

  private final XWing.PublicKey publicKey;

  HybridRecipient(XWing.PublicKey publicKey) {
    this.publicKey = publicKey;
  }

  @Override
  public Stanza wrap(byte[] fileKey, SecureRandom random) {
    Hpke.Sealed sealed = HPKE.seal(publicKey, fileKey, random);
    byte[] share = CanonicalBase64.UNPADDED.encode(sealed.encapsulation());
    return new Stanza(TYPE, List.of(new String(share, US_ASCII)), sealed.octets());
  }

  @Override
  public String toString() {
    return new String(Bech32.encode(PREFIX, publicKey.encoded()), US_ASCII);
  }
}
