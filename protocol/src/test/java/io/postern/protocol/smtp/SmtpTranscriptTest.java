package io.postern.protocol.smtp;

import io.postern.protocol.MemoryDialogue;
import io.postern.testkit.Transcripts;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class SmtpTranscriptTest {
  /** Small, so that the transcripts can go beyond it; the socket's suite uses the same. */
  private static final SmtpSettings SETTINGS =
      new SmtpSettings("mx.example.org", 200_000, 100, 20, SmtpSettings.LoneCrOrLf.REFUSE, false);

  @TestFactory
  Stream<DynamicTest> transcripts() {
    return Transcripts.in(
        Transcripts.folder("protocol/src/test/resources/smtp"),
        ".smtp",
        Transcripts.CHUNK_SIZES,
        SmtpTranscriptTest::connect);
  }

  private static MemoryDialogue connect() {
    Queue<Runnable> later = new ArrayDeque<>();
    Queue<String> deeds = new ArrayDeque<>();
    SmtpSession session = new SmtpSession(SETTINGS, new FakeReceiver(later, deeds));
    return new MemoryDialogue(session, later, deeds);
  }
}
