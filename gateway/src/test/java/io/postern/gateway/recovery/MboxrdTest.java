package io.postern.gateway.recovery;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MboxrdTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a<                  | a.",
        "From a<             | >From a.",
        ">From a<            | >>From a.",
        ">>From <            | >>>From .",
        "Fro<                | Fro.",
        "From<               | From.",
        "Fr                  | Fr.",
        "x<From y<From<From  | x.>From y.From.From.",
        "x<From z            | x.>From z.",
        " From a<            |  From a.",
        "FFrom a<            | FFrom a.",
        ">x<>From <          | >x.>>From ."
      },
      ignoreLeadingAndTrailingWhitespace = false)
  void quotesWhatLooksLikeASeparator(String message, String expected) throws IOException {
    // < stands for CRLF, a dot for LF; the columns' own blanks do not count.
    String input = message.stripTrailing().replace("<", "\r\n");
    String output = expected.substring(1).stripTrailing().replace(".", "\n") + "\n";
    assertThat(mboxrd(input.getBytes(US_ASCII), 100)).isEqualTo(output);
  }

  @Test
  void keepsLoneCarriageReturns() throws IOException {
    assertThat(mboxrd("a\rb\r\r\nc\r".getBytes(US_ASCII), 1)).isEqualTo("a\rb\r\nc\r\n\n");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 1000})
  void isReversible(int chunk) throws IOException {
    Random dice = new Random(chunk);
    List<String> pieces = List.of("From ", ">", "F", "From", "\r\n", "text", " ");
    for (int round = 0; round < 500; round++) {
      StringBuilder message = new StringBuilder();
      for (int i = dice.nextInt(20); i >= 0; i--) {
        message.append(pieces.get(dice.nextInt(pieces.size())));
      }
      message.append("\r\n");
      String quoted = mboxrd(message.toString().getBytes(US_ASCII), chunk);
      assertThat(quoted.lines()).noneMatch(line -> line.startsWith("From "));
      assertThat(unquoted(quoted)).isEqualTo(message.toString());
    }
  }

  private static String unquoted(String quoted) {
    String body = quoted.substring(0, quoted.length() - 1);
    return Arrays.stream(body.split("\n", -1))
        .map(line -> line.matches("(?s)>+From .*") ? line.substring(1) : line)
        .collect(Collectors.joining("\r\n"));
  }

  private static String mboxrd(byte[] message, int chunk) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Mboxrd mboxrd = new Mboxrd(out::write);
    for (int at = 0; at < message.length; at += chunk) {
      mboxrd.write(message, at, Math.min(chunk, message.length - at));
    }
    mboxrd.finish();
    return out.toString(ISO_8859_1);
  }
}
