package io.postern.age;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeysTest {
  /** The pair in the specification's text. */
  private static final String IDENTITY =
      "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";

  private static final String RECIPIENT =
      "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

  private static final SecureRandom RANDOM = new SecureRandom();

  @Test
  void derivesTheRecipientOfTheSpecification() throws AgeException {
    Identity identity = Keys.identities(IDENTITY.getBytes(US_ASCII)).get(0);
    assertThat(((X25519Identity) identity).recipient()).hasToString(RECIPIENT);
    assertThat(Keys.recipient(RECIPIENT)).hasToString(RECIPIENT);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void generatesAPairThatFits(boolean classic) throws AgeException {
    Keys.KeyPair pair = Keys.generate(classic, RANDOM);
    String file = new String(pair.identityFile(), US_ASCII);
    String prefix = classic ? "AGE-SECRET-KEY-1" : "AGE-SECRET-KEY-PQ-1";
    assertThat(file).matches("# public key: " + pair.recipient() + "\n" + prefix + "[0-9A-Z]+\n");
    assertThat(pair.recipient()).startsWith(classic ? "age1" : "age1pq1");
    assertThat(pair).hasToString(pair.recipient());

    Sealer sealer = new Sealer(List.of(Keys.recipient(pair.recipient())), RANDOM);
    byte[] sealed = Sealing.of("hello".getBytes(US_ASCII), sealer, 5);
    Opening opening = Opening.of(sealed, Keys.identities(pair.identityFile()), 100);
    assertThat(opening.plaintext()).asString(US_ASCII).isEqualTo("hello");
  }

  @Test
  void readsFilesWithCommentsAndEmptyLines() throws AgeException {
    byte[] file = ("# one\r\n\r\n" + IDENTITY + "\r\n#two\n\n" + IDENTITY).getBytes(US_ASCII);
    assertThat(Keys.identities(file)).hasSize(2);
    assertThat(Keys.recipients(("\n" + RECIPIENT + "\n# end").getBytes(US_ASCII))).hasSize(1);
  }

  @Test
  void namesTheLineThatItCannotRead() {
    refuses(() -> Keys.identities(("#\n" + IDENTITY + "A").getBytes(US_ASCII)), "line 2: ");
    refuses(() -> Keys.identities(IDENTITY.toLowerCase().getBytes(US_ASCII)), "unknown kind");
    refuses(() -> Keys.identities("# nothing\n".getBytes(US_ASCII)), "no identities");
    refuses(() -> Keys.recipients(("\n" + IDENTITY).getBytes(US_ASCII)), "line 2: ");
    refuses(() -> Keys.recipients(new byte[0]), "no recipients");
  }

  @Test
  void neverQuotesAnIdentity() {
    String damaged = IDENTITY.substring(0, IDENTITY.length() - 1) + "Q";
    assertThatThrownBy(() -> Keys.identities(damaged.getBytes(US_ASCII)))
        .isInstanceOf(AgeException.class)
        .hasMessage("line 1: malformed identity: wrong checksum");
    assertThat(new X25519Identity(new byte[32]).toString()).doesNotContain("SECRET");
  }

  @Test
  void refusesRecipientsThatNothingCanBeSealedTo() {
    refuses(() -> Keys.recipient(RECIPIENT.toUpperCase()), "unknown kind");
    refuses(() -> Keys.recipient("age1é"), "malformed recipient");
    refuses(() -> Keys.recipient(text("age", new byte[31])), "wrong length");
    refuses(() -> Keys.recipient(text("age", new byte[32])), "low order");
    refuses(() -> Keys.recipient(text("age1pq", new byte[1215])), "wrong length");
    refuses(() -> Keys.recipient(text("age1pq", new byte[1216])), "low order");
    byte[] coefficientsTooLarge = new byte[1216];
    Arrays.fill(coefficientsTooLarge, (byte) 0xff);
    refuses(() -> Keys.recipient(text("age1pq", coefficientsTooLarge)), "malformed recipient");
  }

  private static String text(String prefix, byte[] key) {
    return new String(Bech32.encode(prefix, key), US_ASCII);
  }

  private static void refuses(ThrowingCallable call, String reason) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            AgeException.class, e -> assertThat(e.category()).isEqualTo(AgeException.Category.KEY))
        .hasMessageContaining(reason);
  }
}
