package io.postern.protocol.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.protocol.Line;
import io.postern.protocol.MemoryDialogue;
import io.postern.protocol.Tls;
import io.postern.protocol.smtp.SmtpSettings.LoneCrOrLf;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/** What transcripts cannot show: time, settings, slowness, ends. */
class SmtpSessionTest {
  private static final String TO_DATA =
      "EHLO client.example\r\nMAIL FROM:<>\r\nRCPT TO:<%s@example.org>\r\nDATA\r\n";

  private final Queue<Runnable> later = new ArrayDeque<>();
  private final Queue<String> deeds = new ArrayDeque<>();

  @Test
  void saysWhyItClosesASilentConnection() {
    try (MemoryDialogue client = connect(settings(LoneCrOrLf.REFUSE, false))) {
      say(client, TO_DATA.formatted("one") + "half");
      expectLast(client, "354 End the message with <CR><LF>.<CR><LF>");
      client.conversation().timedOut();
      expectLast(client, "421 4.4.2 Nothing came for too long");
      assertThat(client.receive()).isNull();
      assertThat(client.observe()).isEqualTo("aborted");
    }
  }

  @Test
  void takesBackAMessageWhoseClientIsGone() {
    MemoryDialogue client = connect(settings(LoneCrOrLf.REFUSE, false));
    say(client, TO_DATA.formatted("one") + "half");
    client.close();
    assertThat(client.observe()).isEqualTo("aborted");
  }

  @Test
  void leavesAMessageAloneThatIsBeingFinished() {
    MemoryDialogue client = connect(settings(LoneCrOrLf.REFUSE, false));
    say(client, TO_DATA.formatted("one") + "x\r\n.\r\n");
    client.close();
    assertThat(deeds).containsExactly("mail <> to [one@example.org] by ESMTP: x\\r\\n");
  }

  @Test
  void stopsAtOnceWhereNothingIsUnderWay() {
    try (MemoryDialogue client = connect(settings(LoneCrOrLf.REFUSE, false))) {
      assertThat(client.receive()).startsWith("220 ");
      client.conversation().stopping();
      assertThat(client.receive()).isEqualTo("421 4.3.2 Shutting down; try again later");
      assertThat(client.receive()).isNull();
    }
  }

  @Test
  void stopsBehindTheMessageThatIsUnderWay() {
    try (MemoryDialogue client = connect(settings(LoneCrOrLf.REFUSE, false))) {
      say(client, TO_DATA.formatted("one"));
      client.conversation().stopping();
      say(client, "x\r\n.\r\nNOOP\r\n");
      expectLast(client, "250 2.0.0 Ok: queued as 01JD0000000000000000000000");
      assertThat(client.receive()).isEqualTo("421 4.3.2 Shutting down; try again later");
      assertThat(client.receive()).isNull();
    }
  }

  @Test
  void allowsLoneCrAndLfWhereTold() {
    try (MemoryDialogue client = connect(settings(LoneCrOrLf.ALLOW, false))) {
      say(client, TO_DATA.formatted("one") + "a\n.\nb\r.\rc\r\n.\rd\r\n.\r\n");
      expectLast(client, "250 2.0.0 Ok: queued as 01JD0000000000000000000000");
      assertThat(client.observe()).endsWith(": a\\n.\\nb\\r.\\rc\\r\\n\\rd\\r\\n");
    }
  }

  @Test
  void takesNoMailInClearWhereTlsIsRequired() {
    try (MemoryDialogue client = connect(settings(LoneCrOrLf.REFUSE, true))) {
      say(client, "EHLO client.example\r\nNOOP\r\nMAIL FROM:<>\r\n");
      expectLast(client, "250 2.0.0 Ok");
      assertThat(client.receive()).isEqualTo("530 5.7.0 Issue a STARTTLS command first");
      say(client, "STARTTLS\r\n");
      expectLast(client, "220 2.0.0 Ready to start TLS");
      client.startTls();
      say(client, "EHLO client.example\r\nMAIL FROM:<>\r\n");
      expectLast(client, "250 2.1.0 Ok");
    }
  }

  @Test
  void refusesForGoodWhatTheReceiverDoes() {
    try (MemoryDialogue client = connect(settings(LoneCrOrLf.REFUSE, false))) {
      say(client, TO_DATA.formatted("refused"));
      expectLast(client, "554 5.3.0 Message refused");
    }
  }

  @Test
  void asksAgainWhileTheDirectoryIsNotReady() {
    try (MemoryDialogue client = connect(settings(LoneCrOrLf.REFUSE, false))) {
      say(client, "EHLO client.example\r\nMAIL FROM:<>\r\nRCPT TO:<later@example.org>\r\n");
      expectLast(client, "451 4.3.0 Cannot take mail at present");
    }
  }

  /** Else a client could have replies without end piled up here. */
  @Test
  void obeysNobodyWhoDoesNotRead() {
    SlowLine line = new SlowLine();
    SmtpSession session =
        new SmtpSession(settings(LoneCrOrLf.REFUSE, false), new FakeReceiver(later, deeds));
    session.opened(line, Tls.NONE);
    line.writable = false;
    ByteBuffer commands = ByteBuffer.wrap("NOOP\r\nNOOP\r\nNOOP\r\n".getBytes(UTF_8));
    session.received(commands);
    assertThat(line.paused).isTrue();
    assertThat(line.sent).isEqualTo(2);
    assertThat(commands.remaining()).isEqualTo(2 * "NOOP\r\n".length());
    line.writable = true;
    session.drained();
    assertThat(line.paused).isFalse();
    session.received(commands);
    assertThat(line.sent).isEqualTo(4);
  }

  private MemoryDialogue connect(SmtpSettings settings) {
    return new MemoryDialogue(
        new SmtpSession(settings, new FakeReceiver(later, deeds)), later, deeds);
  }

  private static SmtpSettings settings(LoneCrOrLf loneCrOrLf, boolean requireTls) {
    return new SmtpSettings("mx.example.org", 1000, 100, 20, loneCrOrLf, requireTls);
  }

  private static void say(MemoryDialogue client, String octets) {
    client.send(octets.getBytes(UTF_8));
  }

  private static void expectLast(MemoryDialogue client, String expected) {
    String line = client.receive();
    while (line != null && !line.equals(expected)) {
      line = client.receive();
    }
    assertThat(line).isEqualTo(expected);
  }

  private static final class SlowLine implements Line {
    private boolean writable = true;
    private boolean paused;
    private int sent;

    @Override
    public void send(ByteBuffer octets) {
      sent++;
    }

    @Override
    public boolean writable() {
      return writable;
    }

    @Override
    public void pause() {
      paused = true;
    }

    @Override
    public void resume() {
      paused = false;
    }

    @Override
    public void startTls(ByteBuffer invitation) {}

    @Override
    public void close() {}
  }
}
