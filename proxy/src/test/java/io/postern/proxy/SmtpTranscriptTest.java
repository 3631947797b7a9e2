package io.postern.proxy;

import io.postern.protocol.Conversation;
import io.postern.proxy.smtp.SmtpProxy;
import io.postern.proxy.smtp.SmtpRoute;
import java.util.List;
import java.util.Map;

/** What the SMTP proxy says to both sides, one behaviour a file. */
class SmtpTranscriptTest extends TranscriptSuite {
  SmtpTranscriptTest() {
    super("smtp", SmtpTranscriptTest::proxy);
  }

  static Conversation proxy(List<String> words, FakeArchive archive, Upstreams upstreams) {
    boolean implicit = words.contains("implicit");
    SmtpRoute route =
        new SmtpRoute(
            "proxy.example",
            words.contains("submission"),
            !implicit,
            upstreamTls(words),
            new MailboxChoice(
                "archive@postern.example",
                Map.of("alice", "alice@postern.example"),
                Map.of("second.example", "second@postern.example")),
            words.contains("deliver") ? OnArchiveFailure.DELIVER : OnArchiveFailure.REJECT,
            words.contains("small") ? 100 : words.contains("large") ? 250 << 20 : 1_000_000,
            words.contains("small") ? 2 : 100,
            5);
    boolean admits = !words.contains("limited");
    return new SmtpProxy(route, archive, () -> admits, upstreams, why -> {});
  }
}
