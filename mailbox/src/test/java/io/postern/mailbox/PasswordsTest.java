package io.postern.mailbox;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordsTest {
  @Test
  void aNewOneHasTwentyFourPlainCharacters() throws Exception {
    SecureRandom random = new SecureRandom();
    Set<String> seen = new HashSet<>();
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      byte[] password = Passwords.generate(random);
      Passwords.require(password);
      String text = new String(password, US_ASCII);
      assertThat(text).hasSize(24).matches("[a-zA-Z2-9]+").doesNotContainPattern("[lIoO]");
      all.append(text);
      seen.add(text);
    }
    assertThat(seen).hasSize(1000);
    long characters = all.chars().distinct().count();
    assertThat(24 * Math.log(characters) / Math.log(2)).as("bits").isGreaterThanOrEqualTo(128);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "two words", " leading", "pässwörd", "日本", "$(rm -rf /)`'\""})
  void takesWhatAClientCanSend(String password) {
    assertThatCode(() -> Passwords.require(password.getBytes(UTF_8))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\n", "a\r", "a\0b", "a\tb", "a\u007f", "a\u0085"})
  void refusesTheRest(String password) {
    assertThatThrownBy(() -> Passwords.require(password.getBytes(UTF_8)))
        .isInstanceOf(MailboxException.class)
        .hasMessageStartingWith("the password");
  }

  @Test
  void refusesTooLongOnesAndOtherEncodings() {
    assertThatThrownBy(() -> Passwords.require(new byte[] {'a', (byte) 0xff}))
        .isInstanceOf(MailboxException.class);
    assertThatThrownBy(() -> Passwords.require("a".repeat(201).getBytes(UTF_8)))
        .isInstanceOf(MailboxException.class);
  }
}
