package io.postern.gateway.interop;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.UUID;

/** Messages that every mail program must carry unchanged, with CRLF as on the wire. */
final class Letters {
  private static final int LINE = 76;

  private Letters() {}

  /** Text in UTF-8 with lines that start with dots, and one that a client might take for an end. */
  static byte[] text() {
    return letter("Grüße, 你好\r\n.\r\n..\r\n.hidden\r\nFrom here on\r\n\r\n \r\nthe end\r\n");
  }

  /** Many lines, like an attachment. */
  static byte[] large(int sizeBytes) {
    StringBuilder lines = new StringBuilder(sizeBytes);
    Random random = new Random(sizeBytes);
    while (lines.length() < sizeBytes) {
      random.ints(LINE, 'A', 'Z').forEach(letter -> lines.append((char) letter));
      lines.append("\r\n");
    }
    return letter(lines.toString());
  }

  /** One of each. */
  static List<byte[]> some() {
    return List.of(text(), letter(""), large(300_000), letter("x".repeat(990) + "\r\n"));
  }

  private static byte[] letter(String body) {
    String header =
        """
        From: Sender <sender@postern.example>
        To: Somebody <somebody@postern.example>
        Subject: letter %s
        Date: Mon, 05 Jan 2026 12:00:00 +0000
        Message-ID: <%1$s@postern.example>
        MIME-Version: 1.0
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: 8bit

        """
            .formatted(UUID.randomUUID())
            .replace("\n", "\r\n");
    return (header + body).getBytes(UTF_8);
  }

  /** What tells one letter from another. */
  static String messageId(byte[] message) {
    String text = new String(message, ISO_8859_1);
    int start = text.indexOf("Message-ID: <");
    return text.substring(start, text.indexOf('>', start));
  }

  /** The same message as programs of this system keep it in files. */
  static byte[] withLf(byte[] message) {
    return new String(message, ISO_8859_1).replace("\r\n", "\n").getBytes(ISO_8859_1);
  }

  /**
   * Fails unless the message is at the end, whole: what carries mail puts trace fields in front.
   */
  static void assertEndsWith(byte[] whole, byte[] message) {
    int from = whole.length - message.length;
    assertThat(from).as("the message is shorter than it was").isNotNegative();
    String end = new String(whole, from, message.length, ISO_8859_1);
    assertThat(end).isEqualTo(new String(message, ISO_8859_1));
    assertThat(from == 0 || whole[from - 1] == '\n').as("what is in front ends its line").isTrue();
  }
}
