package io.postern.age;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.InvalidKeyException;
import java.security.Provider;
import java.security.SecureRandom;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** That Conscrypt and our own HPKE are the same; the answers themselves the age vectors know. */
class HpkeTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final byte[] PLAINTEXT = Octets.ascii("sixteen octets !");

  private final Hpke hpke = HybridRecipient.HPKE;
  private final Provider provider = Native.provider().orElseThrow();
  private final XWing.PrivateKey key = newKey();

  @Test
  void opensInJavaWhatIsSealedNatively() throws Exception {
    Hpke.Sealed sealed = hpke.sealNatively(key.publicKey(), PLAINTEXT, provider);
    assertThat(sealed.encapsulation()).hasSize(XWing.CIPHERTEXT_LENGTH);
    assertThat(hpke.openInJava(key, sealed)).contains(PLAINTEXT);
  }

  @Test
  void opensNativelyWhatIsSealedInJava() throws Exception {
    Hpke.Sealed sealed = hpke.sealInJava(key.publicKey(), PLAINTEXT, RANDOM);
    assertThat(hpke.openNatively(key, sealed, provider)).contains(PLAINTEXT);
  }

  @Test
  void opensNothingWithAnotherKey() throws Exception {
    Hpke.Sealed sealed = hpke.sealNatively(newKey().publicKey(), PLAINTEXT, provider);
    assertThat(hpke.openNatively(key, sealed, provider)).isEmpty();
    assertThat(hpke.openInJava(key, sealed)).isEmpty();
  }

  @Test
  void opensNothingThatWasChanged() throws Exception {
    for (int part = 0; part < 2; part++) {
      Hpke.Sealed sealed = hpke.sealNatively(key.publicKey(), PLAINTEXT, provider);
      byte[] changed = part == 0 ? sealed.encapsulation() : sealed.octets();
      changed[RANDOM.nextInt(changed.length)] ^= 1;
      assertThat(hpke.openNatively(key, sealed, provider)).isEmpty();
      assertThat(hpke.openInJava(key, sealed)).isEmpty();
    }
  }

  @Test
  void refusesAShareOfLowOrder() {
    Hpke.Sealed sealed = hpke.sealNatively(key.publicKey(), PLAINTEXT, provider);
    int share = XWing.CIPHERTEXT_LENGTH - X25519.KEY_LENGTH;
    Arrays.fill(sealed.encapsulation(), share, XWing.CIPHERTEXT_LENGTH, (byte) 0);
    assertThatThrownBy(() -> hpke.openNatively(key, sealed, provider))
        .isInstanceOf(InvalidKeyException.class);
    assertThatThrownBy(() -> hpke.openInJava(key, sealed)).isInstanceOf(InvalidKeyException.class);
  }

  private static XWing.PrivateKey newKey() {
    return new XWing.PrivateKey(Octets.random(RANDOM, XWing.SEED_LENGTH));
  }
}
