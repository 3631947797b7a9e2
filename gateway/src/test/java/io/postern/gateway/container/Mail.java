package io.postern.gateway.container;

import io.postern.testkit.Sha256;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/**
 * A message that tells which one it is: of every size and with everything in it that a gateway
 * could get wrong.
 *
 * @param number which one
 * @param octets what is sent
 */
record Mail(int number, byte[] octets) {
  private static final String MARK = "X-Number: ";
  private static final int LINE = 76;

  /**
   * What is kept of a message to compare it: thousands of them are fetched into a small heap.
   *
   * @param sha256 of all its octets, in hexadecimal
   */
  record Digest(int number, int sizeBytes, String sha256) {}

  Digest digest() {
    return new Digest(number, octets.length, Sha256.hex(octets));
  }

  /** The same for the same seed and number. */
  static Mail of(long seed, int number) {
    Random random = new Random(seed * 1_000_003 + number);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    text(out, MARK + number + "\r\nSubject: message " + number + "\r\nFrom: a@example.net\r\n\r\n");
    int sizeBytes = size(number, random);
    while (out.size() < sizeBytes) {
      line(out, random);
    }
    return new Mail(number, out.toByteArray());
  }

  /** Most are small, some have attachments, a few are large. */
  private static int size(int number, Random random) {
    if (number % 1000 == 999) {
      return 20_000_000;
    }
    if (number % 100 == 50) {
      return 1_000_000 + random.nextInt(2_000_000);
    }
    return number % 10 == 5 ? 50_000 + random.nextInt(250_000) : random.nextInt(12_000);
  }

  private static void line(ByteArrayOutputStream out, Random random) {
    switch (random.nextInt(20)) {
      case 0 -> text(out, ".");
      case 1 -> text(out, "..dots");
      case 2 -> text(out, "From someone");
      case 3 -> text(out, "\u00e4\u00f6\u00fc \u20ac \ud83d\ude00");
      case 4 -> text(out, "x".repeat(900));
      case 5 -> text(out, "");
      default -> out.writeBytes(filler(random));
    }
    text(out, "\r\n");
  }

  /** Every octet but CR, LF and NUL. */
  private static byte[] filler(Random random) {
    byte[] line = new byte[LINE];
    for (int i = 0; i < line.length; i++) {
      int octet = 1 + random.nextInt(255);
      line[i] = (byte) (octet == '\r' || octet == '\n' ? '-' : octet);
    }
    return line;
  }

  private static void text(ByteArrayOutputStream out, String text) {
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The message that was stored, without the trace headers in front.
   *
   * @throws IllegalArgumentException where it is none of these
   */
  static Mail stored(byte[] octets) {
    String head = new String(octets, 0, Math.min(octets.length, 4096), StandardCharsets.ISO_8859_1);
    int start = head.indexOf(MARK);
    int end = head.indexOf("\r\n", start);
    if (start < 0 || end < 0) {
      throw new IllegalArgumentException("a message of nobody: " + head);
    }
    int number = Integer.parseInt(head.substring(start + MARK.length(), end));
    return new Mail(number, Arrays.copyOfRange(octets, start, octets.length));
  }
}
