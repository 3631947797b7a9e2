package io.postern.proxy;

import io.postern.protocol.Conversation;
import io.postern.proxy.pop3.Pop3Proxy;
import io.postern.proxy.pop3.Pop3Route;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What the POP3 proxy says to both sides, one behaviour a file. */
class Pop3TranscriptTest extends TranscriptSuite {
  Pop3TranscriptTest() {
    super("pop3", Pop3TranscriptTest::proxy);
  }

  static Conversation proxy(List<String> words, FakeArchive archive, Upstreams upstreams) {
    Pop3Route route =
        new Pop3Route(
            !words.contains("implicit"),
            upstreamTls(words),
            new MailboxChoice(
                "archive@postern.example", Map.of("alice", "alice@postern.example"), Map.of()),
            words.contains("deliver") ? OnArchiveFailure.DELIVER : OnArchiveFailure.REJECT,
            5);
    boolean admits = !words.contains("limited");
    return new Pop3Proxy(
        route, archive, new Remembered(archive), () -> admits, upstreams, why -> {});
  }

  private static final class Remembered implements Copied {
    private final Set<String> copies = new HashSet<>();
    private final FakeArchive archive;

    Remembered(FakeArchive archive) {
      this.archive = archive;
    }

    @Override
    public boolean contains(String account, String uidl) {
      return copies.contains(account + " " + uidl);
    }

    @Override
    public CompletionStage<Void> add(String account, String uidl, String messageId) {
      copies.add(account + " " + uidl);
      archive.deeds.add("remembered " + uidl + " of " + account);
      return CompletableFuture.completedFuture(null);
    }
  }
}
