package io.postern.protocol.pop3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.protocol.Tls;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What transcripts cannot show: pauses, slow peers, and peers that leave. */
class Pop3SessionTest {
  private static final Tls TLS = new Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384");
  private static final byte[] LONG_MESSAGE =
      ("Subject: long\r\n\r\n" + "a line of the body\r\n".repeat(100)).getBytes(ISO_8859_1);
  private static final byte[] SHORT_MESSAGE = "Subject: short\r\n\r\n.\r\n".getBytes(ISO_8859_1);

  private final Queue<Runnable> later = new ArrayDeque<>();
  private final Queue<String> deeds = new ArrayDeque<>();
  private final FakeMaildrop maildrop =
      new FakeMaildrop(List.of(LONG_MESSAGE, SHORT_MESSAGE), 64, later, deeds);
  private final ScriptedLine line = new ScriptedLine();
  private final Pop3Session session =
      new Pop3Session(
          "gate.example.org", (user, password) -> FakeMaildrop.later(later, () -> maildrop));

  @BeforeEach
  void open() {
    session.opened(line, TLS);
    line.take();
  }

  @Test
  void readsNothingWhileALoginIsPending() {
    ByteBuffer octets = octets("USER alice\r\nPASS secret\r\nSTAT\r\n");
    session.received(octets);
    assertThat(line.paused).isTrue();
    assertThat(octets.remaining()).isEqualTo("STAT\r\n".length());
    runLater();
    assertThat(line.paused).isFalse();
    session.received(octets);
    assertThat(line.take())
        .endsWith("+OK 2 " + (LONG_MESSAGE.length + SHORT_MESSAGE.length) + "\r\n");
  }

  @Test
  void closesAMaildropThatOpensForAPeerThatHasGone() {
    session.received(octets("USER alice\r\nPASS secret\r\n"));
    session.closed();
    runLater();
    assertThat(maildrop.closed).isTrue();
  }

  @Test
  void closesAMessageThatOpensForAPeerThatHasGone() {
    logIn();
    session.received(octets("RETR 1\r\n"));
    session.closed();
    runLater();
    assertThat(maildrop.streamsOpen).isZero();
    assertThat(line.take()).isEmpty();
  }

  @Test
  void asksForNoMoreThanTheTopNeeds() {
    logIn();
    session.received(octets("TOP 1 0\r\n"));
    runLater();
    assertThat(line.take()).isEqualTo("+OK the top of it\r\nSubject: long\r\n\r\n.\r\n");
    assertThat(maildrop.piecesGiven).isEqualTo(1);
    assertThat(maildrop.streamsOpen).isZero();
  }

  @Test
  void asksForNoMoreThanThePeerTakes() {
    logIn();
    line.writable = false;
    session.received(octets("RETR 1\r\n"));
    line.writable = true;
    session.drained();
    session.received(octets("RETR 1\r\n"));
    line.writable = false;
    runLater();
    assertThat(maildrop.piecesGiven).isZero();
    assertThat(line.paused).isTrue();
    line.writable = true;
    session.drained();
    runLater();
    assertThat(line.paused).isFalse();
    assertThat(line.take()).endsWith("a line of the body\r\n.\r\n");
  }

  @Test
  void closesWithoutTheLastDotWhereDamageShowsLater() {
    maildrop.breaksLater = index -> true;
    logIn();
    session.received(octets("RETR 1\r\n"));
    runLater();
    assertThat(line.closed).isTrue();
    assertThat(line.take())
        .startsWith("+OK 2017 octets\r\nSubject: long\r\n")
        .doesNotContain("\r\n.\r\n");
    assertThat(maildrop.streamsOpen).isZero();
    assertThat(maildrop.closed).isTrue();
  }

  @Test
  void timesOutWithoutAWordAndWithoutDeleting() {
    logIn();
    session.received(octets("DELE 1\r\n"));
    line.take();
    session.timedOut();
    session.closed();
    runLater();
    assertThat(line.closed).isTrue();
    assertThat(line.take()).isEmpty();
    assertThat(deeds).isEmpty();
    assertThat(maildrop.closed).isTrue();
  }

  @Test
  void stopsBetweenCommands() {
    session.stopping();
    assertThat(line.take()).isEqualTo("-ERR [SYS/TEMP] the server is stopping\r\n");
    assertThat(line.closed).isTrue();
  }

  @Test
  void finishesTheAnswerInFlightBeforeItStops() {
    logIn();
    session.received(octets("RETR 2\r\n"));
    session.stopping();
    assertThat(line.closed).isFalse();
    runLater();
    assertThat(line.take())
        .isEqualTo(
            "+OK 21 octets\r\nSubject: short\r\n\r\n..\r\n.\r\n"
                + "-ERR [SYS/TEMP] the server is stopping\r\n");
    assertThat(line.closed).isTrue();
  }

  @Test
  void deletesAlthoughThePeerLeavesDuringUpdate() {
    logIn();
    session.received(octets("DELE 2\r\nQUIT\r\n"));
    session.closed();
    runLater();
    assertThat(deeds).containsExactly("deleted 2");
  }

  @Test
  void survivesAnApplicationThatFailsInAnUnforeseenWay() {
    maildrop.faults =
        index -> {
          throw new IllegalStateException("unforeseen");
        };
    logIn();
    session.received(octets("RETR 1\r\nNOOP\r\n"));
    runLater();
    assertThat(line.take()).startsWith("-ERR [SYS/TEMP] ");
  }

  @Test
  void listsManyMessagesInManyPieces() {
    List<byte[]> messages =
        IntStream.range(0, 20_000).mapToObj(n -> new byte[] {'\r', '\n'}).toList();
    FakeMaildrop large = new FakeMaildrop(messages, 64, later, deeds);
    Pop3Session listing =
        new Pop3Session(
            "gate.example.org", (user, password) -> FakeMaildrop.later(later, () -> large));
    listing.opened(line, TLS);
    listing.received(octets("USER alice\r\nPASS secret\r\n"));
    runLater();
    line.take();
    listing.received(octets("LIST\r\n"));
    assertThat(line.take())
        .startsWith("+OK 20000 messages (40000 octets)\r\n1 2\r\n2 2\r\n")
        .endsWith("\r\n20000 2\r\n.\r\n")
        .hasLineCount(20_002);
  }

  private void logIn() {
    session.received(octets("USER alice\r\nPASS secret\r\n"));
    runLater();
    assertThat(line.take()).contains("+OK 2 messages");
  }

  private void runLater() {
    for (Runnable next = later.poll(); next != null; next = later.poll()) {
      next.run();
    }
  }

  private static ByteBuffer octets(String text) {
    return ByteBuffer.wrap(text.getBytes(ISO_8859_1));
  }
}
