package io.postern.age;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArmorTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String BEGIN = "-----BEGIN AGE ENCRYPTED FILE-----\n";
  private static final String END = "-----END AGE ENCRYPTED FILE-----\n";

  private final Keys.KeyPair keys = Keys.generate(true, RANDOM);
  private final List<Identity> identities = Keys.identities(keys.identityFile());
  private final String armored = armor("some plaintext");
  private final String body = armored.substring(BEGIN.length(), armored.length() - END.length());

  ArmorTest() throws AgeException {}

  @Test
  void acceptsLineEndsOfEitherKindAndWhiteSpaceAround() {
    accepts(armored);
    accepts(armored.strip());
    accepts(armored.replace("\n", "\r\n"));
    accepts("\n\r   \t\n" + armored + "\n\r   \t\n");
    accepts("\n".repeat(1024) + armored + " ".repeat(1024));
  }

  @Test
  void refusesEverythingElse() {
    refuses("");
    refuses(" \n");
    refuses(BEGIN);
    refuses(BEGIN + body);
    refuses(BEGIN + body + END.substring(0, 20));
    refuses(" " + armored);
    refuses(armored.replaceFirst("\n", " \n"));
    refuses(armored.replaceFirst("\n", "\r\r\n"));
    refuses(BEGIN + body + END.strip() + " \n");
    refuses(BEGIN + "\n" + body + END);
    refuses(BEGIN + body + "\n" + END);
    refuses(BEGIN + "Proc-Type: 4,ENCRYPTED\n\n" + body + END);
    refuses(BEGIN + body.replaceFirst("\n", "") + END);
    refuses(BEGIN + body.replace("\n", "=\n") + END);
    refuses(BEGIN + body.substring(0, 60) + "\n" + body.substring(60) + END);
    refuses(armored + "x");
    refuses(armored + armored);
    refuses("\n".repeat(1025) + armored);
    refuses(armored + " ".repeat(1025));
    refuses("x".repeat(2000));
    refuses(armored.replace("AGE", "age"));
  }

  @Test
  void knowsArmorByItsBeginning() {
    assertThat(isArmor(armored)).isTrue();
    assertThat(isArmor("\n\r   \t\n" + armored)).isTrue();
    assertThat(isArmor("age-encryption.org/v1\n")).isFalse();
    assertThat(isArmor("  ")).isFalse();
    assertThat(isArmor("")).isFalse();
  }

  @Test
  void writesAFullLastLineWithoutAnEmptyOne() {
    assertThat(armor(new byte[48])).isEqualTo(BEGIN + "A".repeat(64) + "\n" + END);
    assertThat(armor(new byte[49])).isEqualTo(BEGIN + "A".repeat(64) + "\nAA==\n" + END);
    assertThat(armor(new byte[0])).isEqualTo(BEGIN + END);
  }

  private static boolean isArmor(String beginning) {
    return ArmorReader.isArmor(beginning.getBytes(US_ASCII), beginning.length());
  }

  private void accepts(String text) {
    for (int pieceLength : List.of(1, 7, 65_536)) {
      Opening opening = Opening.of(text.getBytes(US_ASCII), identities, pieceLength, true);
      assertThat(opening.plaintext()).asString(US_ASCII).isEqualTo("some plaintext");
    }
  }

  private void refuses(String text) {
    for (int pieceLength : List.of(1, 7, 65_536)) {
      Opening opening = Opening.of(text.getBytes(US_ASCII), identities, pieceLength, true);
      assertThat(opening.failure())
          .as(text)
          .hasValueSatisfying(e -> assertThat(e.category()).isEqualTo(AgeException.Category.ARMOR));
      assertThat(opening.plaintext()).isEmpty();
    }
  }

  private String armor(String plaintext) throws AgeException {
    Sealer sealer = new Sealer(List.of(Keys.recipient(keys.recipient())), RANDOM);
    return armor(Sealing.of(plaintext.getBytes(US_ASCII), sealer, 100));
  }

  private static String armor(byte[] sealed) {
    ByteArrayOutputStream armored = new ByteArrayOutputStream();
    ArmorWriter writer = new ArmorWriter(armored::write);
    writer.write(sealed, 0, sealed.length);
    writer.finish();
    return armored.toString(US_ASCII);
  }
}
