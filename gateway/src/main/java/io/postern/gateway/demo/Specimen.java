package io.postern.gateway.demo;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A message of one kind.
 *
 * @param kind what is special about it
 * @param octets the message as it is sent
 * @param marker a text that occurs in it and nowhere else in the world; empty where the message is
 */
record Specimen(String kind, byte[] octets, String marker) {

  /** One of every kind that has broken a mail system before. */
  static List<Specimen> all(RandomGenerator random) {
    return List.of(
        of("8-bit text", random, "Grüße aus Zürich – ¡ñandú! Καλημέρα, 你好\r\n"),
        of("leading dots", random, ".\r\n..\r\n.hidden\r\n. \r\n...\r\n"),
        new Specimen("nothing at all", new byte[0], ""),
        of("a line of 1,000 octets", random, "x".repeat(998) + "\r\n"),
        of("a line of 100,000 octets", random, "y".repeat(99_998) + "\r\n"),
        of("25 MB", random, ("0123456789abcdef".repeat(4) + "\r\n").repeat(25_000_000 / 66)));
  }

  private static Specimen of(String kind, RandomGenerator random, String body) {
    byte[] name = new byte[16];
    random.nextBytes(name);
    String marker = "specimen-" + HexFormat.of().formatHex(name);
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    message.writeBytes(
        ("From: sender@"
                + marker
                + ".example\r\nTo: archive@postern.example\r\nSubject: "
                + marker
                + "\r\nMIME-Version: 1.0\r\n"
                + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n")
            .getBytes(StandardCharsets.UTF_8));
    message.writeBytes(body.getBytes(StandardCharsets.UTF_8));
    return new Specimen(kind, message.toByteArray(), marker);
  }

  @Override
  public String toString() {
    return kind;
  }
}
