package io.postern.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EnvelopeCodecTest {
  private static final byte[] MESSAGE = "Subject: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  @Test
  void isReadFromPiecesOfAnySizeUpToItsEnd() throws Exception {
    Envelope envelope = envelope(3);
    byte[] block = EnvelopeCodec.encode(envelope);
    byte[] stream = Arrays.copyOf(block, block.length + MESSAGE.length);
    System.arraycopy(MESSAGE, 0, stream, block.length, MESSAGE.length);
    for (int piece : new int[] {1, 2, 3, 5, 100, stream.length}) {
      EnvelopeCodec.Reader reader = new EnvelopeCodec.Reader();
      int at = 0;
      while (reader.envelope() == null) {
        int length = Math.min(piece, stream.length - at);
        int taken = reader.read(stream, at, length);
        assertThat(taken == length || reader.envelope() != null).isTrue();
        at += taken;
      }
      assertThat(at).isEqualTo(block.length);
      assertThat(reader.envelope()).isEqualTo(envelope);
    }
  }

  @Test
  void holdsAHundredRecipientsOfTheLongestKind() throws Exception {
    byte[] block = EnvelopeCodec.encode(envelope(100));
    EnvelopeCodec.Reader reader = new EnvelopeCodec.Reader();
    reader.read(block, 0, block.length);
    assertThat(reader.envelope().copies()).hasSize(100);
  }

  @Test
  void refusesAnotherVersionAbsurdLengthsAndWhatIsNoEnvelope() {
    assertMalformed(new byte[] {2, 0, 0, 1, '{'});
    assertMalformed(new byte[] {1, (byte) 0xff, 0, 0});
    assertMalformed(new byte[] {1, 0, 0, 2, '{', '}'});
    assertMalformed(new byte[] {1, 0, 0, 4, 'n', 'u', 'l', 'l'});
    assertMalformed(new byte[] {1, 0, 0, 1, '{'});
  }

  private static void assertMalformed(byte[] block) {
    assertThatThrownBy(() -> new EnvelopeCodec.Reader().read(block, 0, block.length))
        .isInstanceOf(MalformedException.class);
  }

  private static Envelope envelope(int recipients) {
    String longest = "ü".repeat(200) + "@example.com";
    return new Envelope(
        "",
        IntStream.range(0, recipients)
            .mapToObj(i -> new Envelope.Copy("01arz3ndektsv4rrffq69g5fav", longest))
            .toList(),
        "192.0.2.1",
        "client",
        "ESMTPS",
        "",
        "tls",
        "mx",
        Instant.parse("2026-03-04T05:06:07.089Z"),
        true);
  }
}
