package io.postern.pop3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.postern.mailbox.Mailbox;
import io.postern.maildrop.Layout;
import io.postern.maildrop.MailKey;
import io.postern.testkit.Dialogue;
import io.postern.testkit.SocketDialogue;
import io.postern.testkit.Transcripts;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The POP3 transcripts against the whole service over real sockets. */
class Pop3TranscriptTest {
  private static final Path FOLDER = Transcripts.folder("protocol/src/test/transcripts/pop3");

  @TempDir Path folder;
  private final Map<String, Mailbox> mailboxes = new HashMap<>();
  private Gate gate;

  @AfterEach
  void tearDown() {
    gate.close();
  }

  @TestFactory
  Stream<DynamicTest> transcripts() throws IOException {
    gate = new Gate(folder);
    for (String name : List.of("alice", "mallory", "trent", "zo\u00eb", "away")) {
      mailboxes.put(name, gate.mailbox(name + "@example.org"));
    }
    gate.store.undeletable.add(Layout.mail(mailboxes.get("trent").id()));
    gate.store.unlistable.add(Layout.mail(mailboxes.get("away").id()));
    return Transcripts.in(FOLDER, ".pop3", List.of(Transcripts.WHOLE), this::connect);
  }

  /** Every transcript starts from the same messages. */
  private Dialogue connect() {
    BlockingQueue<String> deeds = new LinkedBlockingQueue<>();
    gate.store.deletions = keys -> deeds.add(deletion(keys));
    try {
      fill();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new SocketDialogue(gate.frontend.starttlsPort(), false, deeds);
  }

  private static String deletion(Collection<String> keys) {
    return keys.stream()
        .map(key -> MailKey.parse(key).orElseThrow().messageId())
        .map(id -> " " + Integer.parseInt(id.substring("01jd".length())))
        .collect(Collectors.joining("", "deleted", ""));
  }

  private void fill() throws IOException {
    Properties maildrops = new Properties();
    try (Reader reader = Files.newBufferedReader(FOLDER.resolve("maildrops.properties"))) {
      maildrops.load(reader);
    }
    for (Map.Entry<String, Mailbox> entry : mailboxes.entrySet()) {
      String name = entry.getKey();
      for (int n = 1; maildrops.containsKey(name + "." + n); n++) {
        byte[] message = maildrops.getProperty(name + "." + n).getBytes(ISO_8859_1);
        String key = gate.put(entry.getValue(), n, message);
        if (name.equals("mallory") && n == 1) {
          gate.damage(key, gate.store.stat(key).orElseThrow().sizeBytes() - 1);
        }
        if (name.equals("mallory") && n == 2) {
          gate.store.vanished.add(key);
        }
      }
    }
  }
}
