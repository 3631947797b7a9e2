package io.postern.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DotCodecTest {
  /** Whatever is sent comes out as it was, and the decoder stops exactly at the end. */
  @Property
  void decodesWhatWasEncoded(
      @ForAll("texts") String text, @ForAll("chunkings") List<Integer> chunks) {
    String encoded = encode(text, chunks);
    Decoded decoded = decode(encoded + "NEXT", chunks);
    assertThat(decoded.ended).isTrue();
    assertThat(decoded.text)
        .isEqualTo(text.endsWith("\r\n") || text.isEmpty() ? text : text + "\r\n");
    assertThat(decoded.rest).isEqualTo("NEXT");
    assertThat(decoded.lone).isEqualTo(decoded.text.replace("\r\n", "").matches("(?s).*[\r\n].*"));
  }

  /** No text holds what ends it. */
  @Property
  void encodesNoEndWithinTheText(
      @ForAll("texts") String text, @ForAll("chunkings") List<Integer> chunks) {
    String encoded = "\r\n" + encode(text, chunks);
    assertThat(encoded.indexOf("\r\n.\r\n")).isEqualTo(encoded.length() - 5);
  }

  /** How the pieces are cut makes no difference, also to nonsense. */
  @Property
  void chunkingDoesNotMatter(
      @ForAll("texts") String text, @ForAll("chunkings") List<Integer> chunks) {
    assertThat(decode(text, chunks)).isEqualTo(decode(text, List.of(1000)));
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

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of(".", "\r\n", "\r", "\n", "x", "..", "\r\n.", "\r\n.\r\n", "\0", "\u00ff")
        .list()
        .ofMaxSize(12)
        .map(parts -> String.join("", parts));
  }

  @Provide
  Arbitrary<List<Integer>> chunkings() {
    return Arbitraries.integers().between(1, 9).list().ofMinSize(1).ofMaxSize(4);
  }

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
