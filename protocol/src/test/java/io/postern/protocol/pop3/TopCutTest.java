package io.postern.protocol.pop3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopCutTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      nullValues = "-",
      value = {
        "A: b;;one;two;|0|A: b;;",
        "A: b;;one;two;|1|A: b;;one;",
        "A: b;;one;two;|2|A: b;;one;two;",
        "A: b;;one;two;|9|A: b;;one;two;",
        "A: b;;one;two|2|A: b;;one;two",
        "A: b;;;;two;|2|A: b;;;;",
        ";body;more;|1|;body;",
        "A: b;|0|A: b;",
        "A: b|0|A: b",
        // Neither a lone CR nor a lone LF ends a line.
        "A: b;c<d;;one<one>one;two;|1|A: b;c<d;;one<one>one;",
        "A: b<<c: d>>e;;one;two;|0|A: b<<c: d>>e;;",
        "A: b;>;;one;two;|0|A: b;>;;",
      })
  void cuts(String message, long lines, String top) {
    String text = crlf(message);
    for (int pieceBytes : List.of(1, 2, 3, 7, Math.max(1, text.length()))) {
      assertThat(cut(text, lines, pieceBytes)).isEqualTo(crlf(top));
    }
  }

  /** ; is CRLF, &lt; is LF and &gt; is CR. */
  private static String crlf(String text) {
    return text.replace("<", "\n").replace(">", "\r").replace(";", "\r\n");
  }

  private static String cut(String text, long lines, int pieceBytes) {
    Queue<Runnable> later = new ArrayDeque<>();
    FakeMaildrop maildrop =
        new FakeMaildrop(List.of(text.getBytes(ISO_8859_1)), pieceBytes, later, new ArrayDeque<>());
    TopCut top = new TopCut(now(maildrop.open(0), later), lines);
    StringBuilder result = new StringBuilder();
    Optional<ByteBuffer> piece = now(top.next(), later);
    while (piece.isPresent()) {
      result.append(ISO_8859_1.decode(piece.get()));
      piece = now(top.next(), later);
    }
    return result.toString();
  }

  private static <T> T now(CompletionStage<T> stage, Queue<Runnable> later) {
    for (Runnable next = later.poll(); next != null; next = later.poll()) {
      next.run();
    }
    return stage.toCompletableFuture().join();
  }
}
