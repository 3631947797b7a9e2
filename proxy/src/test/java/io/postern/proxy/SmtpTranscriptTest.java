package io.postern.proxy;

import io.postern.protocol.Conversation;
import io.postern.proxy.smtp.SmtpProxy;
import io.postern.proxy.smtp.SmtpRoute;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What the SMTP proxy says to both sides, one behaviour a file, in memory. */
class SmtpTranscriptTest {
  @TempDir static Path folder;
  private static Vertx vertx;
  private static TestCertificate certificate;

  @BeforeAll
  static void setUp() throws IOException {
    vertx = Vertx.vertx();
    certificate = TestCertificate.in(folder);
  }

  @AfterAll
  static void tearDown() {
    vertx.close().await();
  }

  @TestFactory
  Stream<DynamicTest> inMemory() throws IOException {
    return TranscriptTests.inMemory("smtp", SmtpTranscriptTest::proxy);
  }

  @TestFactory
  Stream<DynamicTest> overSockets() throws IOException {
    return TranscriptTests.overSockets("smtp", vertx, certificate, SmtpTranscriptTest::proxy);
  }

  static Conversation proxy(List<String> words, FakeArchive archive, Upstreams upstreams) {
    boolean implicit = words.contains("implicit");
    SmtpRoute route =
        new SmtpRoute(
            "proxy.example",
            words.contains("submission"),
            !implicit,
            TranscriptTests.upstreamTls(words),
            new MailboxChoice(
                "archive@postern.example",
                Map.of("alice", "alice@postern.example"),
                Map.of("second.example", "second@postern.example")),
            words.contains("deliver") ? OnArchiveFailure.DELIVER : OnArchiveFailure.REJECT,
            words.contains("small") ? 100 : 1_000_000,
            words.contains("small") ? 2 : 100,
            5);
    boolean admits = !words.contains("limited");
    return new SmtpProxy(route, archive, () -> admits, upstreams, why -> {});
  }
}
