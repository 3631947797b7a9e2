package io.postern.protocol.pop3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandParserTest {
  @ParameterizedTest
  @EnumSource(Verb.class)
  void knowsEveryVerbInAnyCase(Verb verb) throws Refusal {
    String argument =
        switch (verb) {
          case CAPA, QUIT, STLS, UTF8, STAT, RSET, NOOP, LAST, AUTH -> "";
          case LIST, UIDL, RETR, DELE -> " 1";
          case TOP -> " 1 0";
          case USER, PASS -> " x";
        };
    assertThat(parse(verb.name() + argument).verb()).isEqualTo(verb);
    assertThat(parse(verb.name().toLowerCase() + argument).verb()).isEqualTo(verb);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "STATS", "STA", "\u00c7APA", "RETR\t1", "XTND XMIT", "\0"})
  void refusesWhatIsNoVerb(String line) {
    assertThatThrownBy(() -> parse(line)).isInstanceOf(Refusal.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "+1", "1x", "0x1", "1.0", "\u0663", "1 2", "", "1\t"})
  void refusesWhatIsNoMessageNumber(String number) {
    assertThatThrownBy(() -> parse("RETR " + number)).isInstanceOf(Refusal.class);
    assertThatThrownBy(() -> parse("DELE " + number)).isInstanceOf(Refusal.class);
  }

  @Test
  void takesNumbersOfAnyLength() throws Refusal {
    assertThat(parse("LIST 0000000000000000000000012"))
        .isEqualTo(new Command.Scan(Verb.LIST, OptionalInt.of(12)));
    assertThat(parse("RETR " + "9".repeat(200)))
        .isEqualTo(new Command.Numbered(Verb.RETR, Integer.MAX_VALUE));
    Command.Top top = (Command.Top) parse("TOP 4294967297 " + "9".repeat(100));
    assertThat(top.message()).isEqualTo(Integer.MAX_VALUE);
    assertThat(top.lines()).isGreaterThan(1L << 56);
  }

  @Test
  void keepsThePasswordAsItIs() throws Refusal {
    Command.Pass pass = (Command.Pass) parse("PASS  two  blanks, one behind \u00e9");
    assertThat(pass.password()).isEqualTo(" two  blanks, one behind \u00e9".getBytes(ISO_8859_1));
    assertThat(pass).asString().doesNotContain("blanks");
  }

  @Test
  void readsAuth() throws Refusal {
    assertThat(((Command.Auth) parse("AUTH  ")).mechanism()).isEmpty();
    assertThat(((Command.Auth) parse("auth plain")).mechanism()).isEqualTo(Optional.of("PLAIN"));
    Command.Auth auth = (Command.Auth) parse("AUTH plain Zm9v ");
    assertThat(auth.initialResponse()).hasValue("Zm9v".getBytes(ISO_8859_1));
    assertThat(auth).asString().doesNotContain("Zm9v");
  }

  private static Command parse(String line) throws Refusal {
    return CommandParser.parse(line.getBytes(ISO_8859_1));
  }
}
