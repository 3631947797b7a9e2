package io.postern.age;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PassphraseTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final byte[] FILE_KEY = new byte[16];

  @Test
  void opensWithTheSamePassphraseOnly() throws AgeException {
    Stanza stanza = Passphrase.recipient(passphrase("right"), 10).wrap(FILE_KEY, RANDOM);
    assertThat(Passphrase.identity(passphrase("right"), 10).unwrap(List.of(stanza)))
        .hasValueSatisfying(key -> assertThat(key).isEqualTo(FILE_KEY));
    assertThat(Passphrase.identity(passphrase("wrong"), 10).unwrap(List.of(stanza))).isEmpty();
    assertThat(Passphrase.identity(passphrase(""), 10).unwrap(List.of(stanza))).isEmpty();
  }

  @Test
  void nobodysLooksLikeAnyAndOpensForNone() throws AgeException {
    Stanza real = Passphrase.recipient(passphrase("right"), 10).wrap(FILE_KEY, RANDOM);
    Stanza nobodys = Passphrase.nobody(10).wrap(FILE_KEY, RANDOM);

    assertThat(nobodys.type()).isEqualTo(real.type());
    assertThat(nobodys.args()).hasSameSizeAs(real.args());
    assertThat(nobodys.body()).hasSameSizeAs(real.body());
    assertThat(Passphrase.identity(passphrase("right"), 10).unwrap(List.of(nobodys))).isEmpty();
  }

  @Test
  void opensNothingOnceWiped() throws AgeException {
    Stanza stanza = Passphrase.recipient(passphrase("right"), 10).wrap(FILE_KEY, RANDOM);
    Identity identity = Passphrase.identity(passphrase("right"), 10);
    identity.wipe();
    assertThat(identity.unwrap(List.of(stanza))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"11", "30", "63", "99", "18446744073709551626"})
  void refusesWorkAboveTheLimit(String logN) {
    assertThat(categoryFor(logN, 10)).isEqualTo(AgeException.Category.WORK_FACTOR);
  }

  @Test
  void refusesWorkThatTakesMoreMemoryThanThereIs() {
    assertThat(categoryFor("30", 30)).isEqualTo(AgeException.Category.WORK_FACTOR);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "01", "-1", "+1", "0x1", "1 ", "a", "1a", "", "٣"})
  void refusesWhatIsNoDecimalNumber(String logN) {
    assertThat(categoryFor(logN, 10)).isEqualTo(AgeException.Category.HEADER);
  }

  @Test
  void refusesWhatCannotBeMeant() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Passphrase.recipient(new byte[0], 10))
        .withMessage("the passphrase is empty");
    assertThatIllegalArgumentException().isThrownBy(() -> Passphrase.recipient(FILE_KEY, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> Passphrase.identity(FILE_KEY, 31));
  }

  @Test
  void showsNoSecret() {
    assertThat(Passphrase.identity(passphrase("hunter2"), 10)).hasToString("a passphrase");
  }

  private static AgeException.Category categoryFor(String logN, int maxLogN) {
    Stanza stanza = new Stanza("scrypt", List.of("A".repeat(22), logN), new byte[32]);
    Identity identity = Passphrase.identity(passphrase("right"), maxLogN);
    AgeException[] thrown = new AgeException[1];
    assertThatThrownBy(() -> identity.unwrap(List.of(stanza)))
        .isInstanceOfSatisfying(AgeException.class, e -> thrown[0] = e);
    return thrown[0].category();
  }

  private static byte[] passphrase(String text) {
    return text.getBytes(US_ASCII);
  }
}
