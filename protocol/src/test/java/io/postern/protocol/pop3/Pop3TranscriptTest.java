package io.postern.protocol.pop3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.postern.protocol.MemoryDialogue;
import io.postern.testkit.Dialogue;
import io.postern.testkit.Transcripts;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Queue;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The POP3 transcripts against the session itself. */
class Pop3TranscriptTest {
  private static final Path FOLDER = Transcripts.folder("protocol/src/test/transcripts/pop3");
  private static final int PIECE_BYTES = 3;

  private final Properties maildrops = read(FOLDER.resolve("maildrops.properties"));

  @TestFactory
  Stream<DynamicTest> transcripts() {
    return Transcripts.in(FOLDER, ".pop3", Transcripts.CHUNK_SIZES, this::connect);
  }

  private Dialogue connect() {
    Queue<Runnable> later = new ArrayDeque<>();
    Queue<String> deeds = new ArrayDeque<>();
    Authenticator authenticator =
        (user, password) -> FakeMaildrop.later(later, () -> login(user, password, later, deeds));
    return new MemoryDialogue(new Pop3Session("gate.example.org", authenticator), later, deeds);
  }

  private Maildrop login(String user, byte[] password, Queue<Runnable> later, Queue<String> deeds)
      throws MaildropException {
    String name = user.replaceFirst("@example\\.org$", "");
    if (name.equals("away")) {
      throw new MaildropException(MaildropException.Category.TEMPORARY, null);
    }
    List<byte[]> messages = messages(name);
    if (messages.isEmpty() || !new String(password, UTF_8).equals("open sesame")) {
      throw new MaildropException(MaildropException.Category.CREDENTIALS, null);
    }
    FakeMaildrop maildrop = new FakeMaildrop(messages, PIECE_BYTES, later, deeds);
    maildrop.deletes = !name.equals("trent");
    if (name.equals("mallory")) {
      maildrop.faults =
          index ->
              switch (index) {
                case 0 -> Optional.of(MaildropException.Category.DAMAGED);
                case 1 -> Optional.of(MaildropException.Category.GONE);
                default -> Optional.empty();
              };
    }
    return maildrop;
  }

  private List<byte[]> messages(String name) {
    List<byte[]> messages = new ArrayList<>();
    for (int n = 1; maildrops.getProperty(name + "." + n) != null; n++) {
      messages.add(maildrops.getProperty(name + "." + n).getBytes(ISO_8859_1));
    }
    return messages;
  }

  private static Properties read(Path file) {
    try (Reader reader = Files.newBufferedReader(file)) {
      Properties properties = new Properties();
      properties.load(reader);
      return properties;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
