package io.postern.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What transcripts cannot say: back-pressure, and octets that come at the wrong moment. */
class SmtpProxyTest {
  private MemoryStage stage;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, Integer.MAX_VALUE})
  void nothingBehindStarttlsIsEverTakenForProtected(int chunkBytes) {
    greet(chunkBytes, List.of());
    say(stage.client(), "STARTTLS\r\nMAIL FROM:<evil@example.org>\r\n");
    assertThat(stage.client().receiveLine()).matches("554 .*|220 .*");
    assertThat(stage.client().receiveLine()).as("closed").isNull();
    stage.upstream().awaitEnd();
  }

  @Test
  void nothingPipelinedInClearIsKeptForLater() {
    greet(Integer.MAX_VALUE, List.of());
    say(stage.client(), "NOOP\r\nSTARTTLS\r\nMAIL FROM:<evil@example.org>\r\n");
    assertThat(stage.upstream().receiveLine()).isEqualTo("NOOP");
    say(stage.upstream(), "250 ok\r\n");
    assertThat(stage.client().receiveLine()).isEqualTo("250 ok");
    assertThat(stage.client().receiveLine()).startsWith("554 ");
    assertThat(stage.client().receiveLine()).isNull();
    stage.upstream().awaitEnd();
  }

  @Test
  void aSlowMailServerHoldsTheClient() {
    intoData();
    MemoryPeer server = (MemoryPeer) stage.upstream();
    server.beSlow(true);
    say(stage.client(), "text\r\n");
    assertThat(stage.client().isPaused()).isTrue();
    say(stage.client(), "more\r\n");
    assertThat(server.receiveLine()).isEqualTo("text");
    server.expectNothingMore();

    server.beSlow(false);

    assertThat(stage.client().isPaused()).isFalse();
    assertThat(server.receiveLine()).isEqualTo("more");
  }

  @Test
  void aSlowArchiveHoldsTheClient() {
    intoData();
    stage.archive().slow = true;
    stage.client().sendWithoutListening("text\r\n".getBytes(ISO_8859_1));
    assertThat(stage.client().isPaused()).isTrue();
    assertThat(stage.upstream().receiveLine()).isEqualTo("text");
    assertThat(stage.client().isPaused()).as("there is room again").isFalse();
  }

  @Test
  void aClientThatDoesNotReadIsNotReadFrom() {
    greet(Integer.MAX_VALUE, List.of());
    stage.client().beSlow(true);
    say(stage.client(), "EHLO c\r\n");
    say(stage.upstream(), "250 real.example\r\n");
    assertThat(stage.client().isPaused()).isTrue();
    stage.client().beSlow(false);
    assertThat(stage.client().isPaused()).isFalse();
  }

  private void greet(int chunkBytes, List<String> words) {
    stage = new MemoryStage(words, chunkBytes, SmtpTranscriptTest::proxy);
    say(stage.upstream(), "220 real.example\r\n");
    assertThat(stage.client().receiveLine()).startsWith("220 ");
  }

  private void intoData() {
    greet(Integer.MAX_VALUE, List.of());
    for (String command :
        List.of("EHLO c", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>", "DATA")) {
      say(stage.client(), command + "\r\n");
      assertThat(stage.upstream().receiveLine()).isEqualTo(command);
      say(stage.upstream(), command.equals("DATA") ? "354 go\r\n" : "250 ok\r\n");
    }
    stage.client().discard();
  }

  private static void say(Peer peer, String text) {
    peer.send(text.getBytes(ISO_8859_1));
  }
}
