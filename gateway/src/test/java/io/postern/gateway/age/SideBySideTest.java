package io.postern.gateway.age;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SideBySideTest {
  private static byte[] octets(int length) {
    byte[] octets = new byte[length];
    new Random(length).nextBytes(octets);
    return octets;
  }

  /** Gives what it has in small portions, as a pipe does. */
  private static InputStream stuttering(byte[] octets) {
    Random dice = new Random(1);
    return new ByteArrayInputStream(octets) {
      @Override
      public synchronized int read(byte[] into, int offset, int length) {
        return super.read(into, offset, Math.min(length, 1 + dice.nextInt(70_000)));
      }
    };
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2048, 2049, 256 * 1024, 256 * 1024 + 1, 3_000_000})
  void passesAllOn(int length) throws Exception {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    WriteBehind behind = new WriteBehind(written);
    try (ReadAhead ahead = new ReadAhead(stuttering(octets(length)), 2048)) {
      Piece piece = ahead.next();
      assertThat(piece.length).isGreaterThanOrEqualTo(Math.min(length, 2048));
      behind.write(piece.octets, 0, piece.length);
      while (!piece.last) {
        piece = ahead.next();
        behind.write(piece.octets, 0, piece.length);
      }
    }
    behind.finish();

    assertThat(written.toByteArray()).isEqualTo(octets(length));
  }

  /** The piece that comes back from the writer just before the end becomes the last one. */
  @Test
  void losesNothingHoweverFastTheWriterIs() throws Exception {
    byte[] octets = octets(1_100_000);
    for (int i = 0; i < 300; i++) {
      ByteArrayOutputStream written = new ByteArrayOutputStream(octets.length);
      WriteBehind behind = new WriteBehind(written);
      behind.write(octets, 0, octets.length);
      behind.finish();
      assertThat(written.size()).isEqualTo(octets.length);
    }
  }

  @Test
  void saysThatReadingFailed() throws Exception {
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("gone");
          }
        };
    InputStream in = new SequenceInputStream(new ByteArrayInputStream(octets(10)), broken);
    try (ReadAhead ahead = new ReadAhead(in, 0)) {
      assertThat(ahead.next().length).isEqualTo(10);
      assertThatThrownBy(ahead::next).isInstanceOf(IOException.class).hasMessage("gone");
    }
  }

  @Test
  void saysOnceThatWritingFailed() throws Exception {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int octet) throws IOException {
            throw new IOException("full");
          }
        };
    WriteBehind behind = new WriteBehind(full);
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 100; i++) { // More than is ever under way.
                behind.write(octets(100_000), 0, 100_000);
              }
            })
        .hasMessage("full");
    assertThatThrownBy(behind::finish).hasMessage("full");
    behind.finish(); // As closing does: the same failure twice could not be reported.
  }
}
