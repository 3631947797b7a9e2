package io.postern.mailbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.postern.age.AgeException;
import io.postern.age.Identity;
import io.postern.age.Keys;
import io.postern.age.Opener;
import io.postern.age.Sealer;
import java.io.ByteArrayOutputStream;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SealedIdentityTest {
  private static final int LOG_N = 10;
  private static final byte[] PASSWORD = "open sesame".getBytes(UTF_8);

  private final SecureRandom random = new SecureRandom();

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void thePasswordUnlocksWhatOpensTheMail(boolean classic) throws Exception {
    Keys.KeyPair keys = Keys.generate(classic, random);
    byte[] sealed = SealedIdentity.seal(keys.identityFile(), PASSWORD, LOG_N, random);
    List<Identity> identities = SealedIdentity.unlock(sealed, PASSWORD, LOG_N).orElseThrow();

    ByteArrayOutputStream mail = new ByteArrayOutputStream();
    Sealer sealer = new Sealer(List.of(Keys.recipient(keys.recipient())), random);
    sealer.update("mail".getBytes(UTF_8), 0, 4, mail::write);
    sealer.finish(mail::write);
    ByteArrayOutputStream opened = new ByteArrayOutputStream();
    try (Opener opener = new Opener(identities)) {
      opener.update(mail.toByteArray(), 0, mail.size(), opened::write);
      opener.finish(opened::write);
    }
    assertThat(opened).hasToString("mail");
  }

  @Test
  void anotherPasswordDoesNot() throws Exception {
    byte[] file = Keys.generate(true, random).identityFile();
    byte[] sealed = SealedIdentity.seal(file, PASSWORD, LOG_N, random);

    assertThat(SealedIdentity.unlock(sealed, "open sesam".getBytes(UTF_8), LOG_N)).isEmpty();
    assertThat(SealedIdentity.unlock(sealed, new byte[0], LOG_N)).isEmpty();
  }

  @Test
  void nothingOpensTheDecoy() throws Exception {
    byte[] decoy = SealedIdentity.decoy(LOG_N, random);

    assertThat(SealedIdentity.unlock(decoy, PASSWORD, LOG_N)).isEmpty();
  }

  @Test
  void refusesTooMuchWork() {
    byte[] sealed =
        SealedIdentity.seal(
            Keys.generate(true, random).identityFile(), PASSWORD, LOG_N + 1, random);

    assertThat(failure(sealed).category()).isEqualTo(AgeException.Category.WORK_FACTOR);
  }

  @Test
  void saysWhatIsDamaged() {
    byte[] sealed =
        SealedIdentity.seal(Keys.generate(true, random).identityFile(), PASSWORD, LOG_N, random);
    sealed[sealed.length - 1] ^= 1;
    assertThat(failure(sealed).category()).isEqualTo(AgeException.Category.PAYLOAD);
    assertThat(failure(new byte[20_000]).category()).isEqualTo(AgeException.Category.KEY);
    assertThat(failure(new byte[0]).category()).isEqualTo(AgeException.Category.HEADER);
    byte[] noKey = SealedIdentity.seal("# nothing\n".getBytes(UTF_8), PASSWORD, LOG_N, random);
    assertThat(failure(noKey).category()).isEqualTo(AgeException.Category.KEY);
  }

  private static AgeException failure(byte[] sealed) {
    return catchThrowableOfType(
        AgeException.class, () -> SealedIdentity.unlock(sealed, PASSWORD, LOG_N));
  }
}
