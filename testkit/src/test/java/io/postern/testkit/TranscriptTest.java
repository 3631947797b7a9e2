package io.postern.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TranscriptTest {
  @TempDir Path folder;

  @Test
  void sendsWhatTheClientSays() throws IOException {
    Scripted server = new Scripted();
    play("# comment\nC: a\\r\\n\\0\\\\\\x41\nC-: b\nC*3: xy\nC-*2: \\n\nTLS\nC:\n", server, 2);
    assertThat(server.heard.toString()).isEqualTo("a\r\n\0\\A\r\nbxyxyxy\r\n\n\n<tls>\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "S: 250 one\nS: 251 two\nCLOSE\n",
        "S: 2… one\nS: …two\nCLOSE",
        "S+: 251 two\nCLOSE",
        "S*: 25…"
      })
  void hearsWhatTheServerSays(String text) throws IOException {
    play(text, new Scripted("250 one", "251 two"), 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "S: 250 one\nS: 251\nCLOSE",
        "S: 250 one\nCLOSE",
        "S+: 252 …\nCLOSE",
        "S*: 250 …",
        "S: 250 one\nS: 251 two\nS: 252",
        "A: something\nS*: …",
        "S: 250 one",
      })
  void failsWhereTheServerSaysSomethingElse(String text) {
    assertThatThrownBy(() -> play(text, new Scripted("250 one", "251 two"), 1))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void knowsNoOtherLines() {
    assertThatThrownBy(() -> play("X: what\n", new Scripted(), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("test.smtp:1");
  }

  private void play(String text, Dialogue server, int chunkBytes) throws IOException {
    Path file = folder.resolve("test.smtp");
    Files.writeString(file, text);
    Transcript.read(file).play(server, chunkBytes);
  }

  /** Says its lines whatever it hears. */
  private static final class Scripted implements Dialogue {
    private final StringBuilder heard = new StringBuilder();
    private final Queue<String> lines;

    Scripted(String... lines) {
      this.lines = new ArrayDeque<>(List.of(lines));
    }

    @Override
    public void send(byte[] octets) {
      heard.append(new String(octets, ISO_8859_1));
    }

    @Override
    public String receive() {
      return lines.poll();
    }

    @Override
    public void startTls() {
      heard.append("<tls>");
    }

    @Override
    public String observe() {
      return null;
    }

    @Override
    public void expectNothingMore() {
      assertThat(lines).isEmpty();
    }

    @Override
    public void close() {}
  }
}
