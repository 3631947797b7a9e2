package io.postern.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LineFramerTest {
  @ParameterizedTest
  @CsvSource({
    "'a\r\n', 'LINE a'",
    "'\r\n', 'LINE '",
    "'a\r\nb\r\nc', 'LINE a,LINE b'",
    "'a\nb\r\nc\r\n', 'LONE_CR_OR_LF,LINE c'",
    "'a\rb\r\nc\r\n', 'LONE_CR_OR_LF,LINE c'",
    "'a\r\r\nc\r\n', 'LONE_CR_OR_LF,LINE c'",
    "'\n\r\nc\r\n', 'LONE_CR_OR_LF,LINE c'",
    "'12345678\r\nc\r\n', 'LINE 12345678,LINE c'",
    "'123456789\r\nc\r\n', 'TOO_LONG,LINE c'",
    "'1234567890123456789012345\n67890\r\nc\r\n', 'TOO_LONG,LINE c'",
  })
  void cutsLines(String octets, String expected) {
    for (int chunk = 1; chunk <= octets.length(); chunk++) {
      assertThat(cut(new LineFramer(10), octets, chunk))
          .as("chunks of %d", chunk)
          .isEqualTo(List.of(expected.split(",")));
    }
  }

  @Test
  void leavesWhatFollowsALine() {
    ByteBuffer octets = ByteBuffer.wrap("STARTTLS\r\nRCPT".getBytes(ISO_8859_1));
    LineFramer framer = new LineFramer(512);
    assertThat(framer.next(octets)).isEqualTo(LineFramer.Found.LINE);
    assertThat(octets.remaining()).isEqualTo(4);
    assertThat(framer.midLine()).isFalse();
    assertThat(framer.next(octets)).isEqualTo(LineFramer.Found.NOTHING);
    assertThat(framer.midLine()).isTrue();
  }

  @Test
  void takesALineAsLongAsTheLimit() {
    String longest = "x".repeat(1998);
    assertThat(cut(new LineFramer(2000), longest + "\r\n", 7)).containsExactly("LINE " + longest);
    assertThat(cut(new LineFramer(2000), longest + "x\r\n", 7)).containsExactly("TOO_LONG");
  }

  private static List<String> cut(LineFramer framer, String octets, int chunk) {
    List<String> found = new ArrayList<>();
    byte[] all = octets.getBytes(ISO_8859_1);
    for (int from = 0; from < all.length; from += chunk) {
      ByteBuffer piece = ByteBuffer.wrap(all, from, Math.min(chunk, all.length - from));
      while (piece.hasRemaining()) {
        switch (framer.next(piece)) {
          case NOTHING -> assertThat(piece.hasRemaining()).isFalse();
          case LINE -> found.add("LINE " + new String(framer.line(), ISO_8859_1));
          case TOO_LONG -> found.add("TOO_LONG");
          case LONE_CR_OR_LF -> found.add("LONE_CR_OR_LF");
        }
      }
    }
    return found;
  }
}
