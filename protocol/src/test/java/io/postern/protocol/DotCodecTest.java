package io.postern.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DotCodecTest {
  private static final String[] PARTS = {
    ".", "\r\n", "\r", "\n", "x", "..", "\r\n.", "\r\n.\r\n", "\0", "\u00ff"
  };
  private static final int TEXTS = 1000;

  /** Whatever is sent comes out as it was, and the decoder stops exactly at the end. */
  @Test
  void decodesWhatWasEncoded() {
    texts().forEach(DotCodecTest::decodesWhatWasEncoded);
  }

  private static void decodesWhatWasEncoded(Chunked chunked) {
    String text = chunked.text;
    List<Integer> chunks = chunked.chunks;
    String encoded = encode(text, chunks);
    Decoded decoded = decode(encoded + "NEXT", chunks);
    assertThat(decoded.ended).as("%s", chunked).isTrue();
    assertThat(decoded.text)
        .as("%s", chunked)
        .isEqualTo(text.endsWith("\r\n") || text.isEmpty() ? text : text + "\r\n");
    assertThat(decoded.rest).isEqualTo("NEXT");
    assertThat(decoded.lone).isEqualTo(decoded.text.replace("\r\n", "").matches("(?s).*[\r\n].*"));
  }

  /** No text holds what ends it. */
  @Test
  void encodesNoEndWithinTheText() {
    texts()
        .forEach(
            chunked -> {
              String encoded = "\r\n" + encode(chunked.text, chunked.chunks);
              assertThat(encoded.indexOf("\r\n.\r\n"))
                  .as("%s", chunked)
                  .isEqualTo(encoded.length() - 5);
            });
  }

  /** How the pieces are cut makes no difference, also to nonsense. */
  @Test
  void chunkingDoesNotMatter() {
    texts()
        .forEach(
            chunked ->
                assertThat(decode(chunked.text, chunked.chunks))
                    .as("%s", chunked)
                    .isEqualTo(decode(chunked.text, List.of(1000))));
  }

  @ParameterizedTest
  @CsvSource({
    "'.\r\n', ''",
    "'a\r\n.\r\n', 'a\r\n'",
    "'..a\r\n.\r\n', '.a\r\n'",
    "'.a\r\n.\r\n', 'a\r\n'",
    "'\r\n.\r\n', '\r\n'",
  })
  void ends(String stuffed, String text) {
    assertThat(decode(stuffed, List.of(1))).isEqualTo(new Decoded(true, text, "", false));
  }

  @ParameterizedTest
  @CsvSource({
    "'a\n.\n'", "'a\r.\r'", "'a\n.\r\n'", "'a\r.\r\n'", "'a\r\n.\n'", "'a\r\n.\r'",
    "'a\r\n.\rQUIT\r\n'", "'.\n'", "'.\r'", "'a\r\n\0.\r\n'", "'a\r\n..\r\n'", "'a\r\r\n.\r.\r\n'",
  })
  void doesNotEnd(String smuggled) {
    assertThat(decode(smuggled, List.of(1)).ended).isFalse();
  }

  /** Always the same, each of up to 12 parts, in up to 4 lengths of pieces by turns. */
  private static Stream<Chunked> texts() {
    return IntStream.range(0, TEXTS).mapToObj(seed -> chunked(new Random(seed)));
  }

  private static Chunked chunked(Random random) {
    StringBuilder text = new StringBuilder();
    random.ints(random.nextInt(13), 0, PARTS.length).forEach(part -> text.append(PARTS[part]));
    return new Chunked(text.toString(), random.ints(1 + random.nextInt(4), 1, 10).boxed().toList());
  }

  private record Chunked(String text, List<Integer> chunks) {}

  private static String encode(String text, List<Integer> chunks) {
    DotEncoder encoder = new DotEncoder();
    StringBuilder encoded = new StringBuilder();
    byte[] octets = text.getBytes(ISO_8859_1);
    int turn = 0;
    for (int from = 0; from < octets.length; ) {
      int length = Math.min(chunks.get(turn++ % chunks.size()), octets.length - from);
      encoded.append(ISO_8859_1.decode(encoder.encode(ByteBuffer.wrap(octets, from, length))));
      from += length;
    }
    return encoded.append(ISO_8859_1.decode(encoder.finish())).toString();
  }

  private static Decoded decode(String stuffed, List<Integer> chunks) {
    DotDecoder decoder = new DotDecoder();
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    byte[] octets = stuffed.getBytes(ISO_8859_1);
    boolean ended = false;
    int at = 0;
    for (int turn = 0; at < octets.length && !ended; turn++) {
      int length = Math.min(chunks.get(turn % chunks.size()), octets.length - at);
      ByteBuffer piece = ByteBuffer.wrap(octets, at, length);
      ended = decoder.decode(piece, text::write);
      assertThat(ended || !piece.hasRemaining()).isTrue();
      at = piece.position();
    }
    String rest = stuffed.substring(at);
    return new Decoded(ended, text.toString(ISO_8859_1), rest, decoder.loneCrOrLf());
  }

  private record Decoded(boolean ended, String text, String rest, boolean lone) {}
}
