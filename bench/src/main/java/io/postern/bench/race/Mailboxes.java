package io.postern.bench.race;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.postern.broker.EmbeddedKafka;
import io.postern.mailbox.KafkaDirectory;
import io.postern.mailbox.Mailbox;
import io.postern.mailbox.MailboxException;
import io.postern.maildrop.DirectoryStore;
import io.postern.maildrop.StoreException;
import io.postern.pipeline.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The mailboxes of the race: {@code u0@peer.test} with password {@code pw-u0}, and so on, hybrid
 * post-quantum. Their passwords are cheap to try, so that logins measure everything but the key
 * derivation, which is slow on purpose.
 */
final class Mailboxes {
  static final String DOMAIN = "peer.test";

  private static final int CHEAP_LOG_N = 1;
  private static final int VIEW_TIMEOUT_S = 30;

  private Mailboxes() {}

  /**
   * Makes them beside the process that runs on the data directory.
   *
   * @param first number
   * @param end the number after the last
   */
  static void make(Path data, int first, int end) {
    make(data, first, end, CHEAP_LOG_N);
  }

  /** The same with passwords that are dear to try, too. */
  static void make(Path data, int first, int end, int logN) {
    SecureRandom random = new SecureRandom();
    Topics topics = Topics.embedded();
    Map<String, Object> kafka = kafka(data);
    try (KafkaDirectory directory = new KafkaDirectory(kafka, topics);
        DirectoryStore store = new DirectoryStore(data.resolve("objects"))) {
      awaitReady(directory);
      var mailboxes =
          new io.postern.mailbox.Mailboxes(
              kafka,
              topics,
              directory,
              store,
              Optional.empty(),
              logN,
              InstantSource.system(),
              random);
      for (int i = first; i < end; i++) {
        mailboxes.create("u" + i + "@" + DOMAIN, ("pw-u" + i).getBytes(US_ASCII), false);
      }
    } catch (MailboxException | StoreException e) {
      throw new RaceException("no mailboxes for the race: " + e.getMessage(), e);
    }
  }

  /** All that there are. */
  static List<Mailbox> all(Path data) {
    try (KafkaDirectory directory = new KafkaDirectory(kafka(data), Topics.embedded())) {
      awaitReady(directory);
      return directory.all();
    }
  }

  private static void awaitReady(KafkaDirectory directory) {
    directory.whenReady().toCompletableFuture().orTimeout(VIEW_TIMEOUT_S, TimeUnit.SECONDS).join();
  }

  private static Map<String, Object> kafka(Path data) {
    try {
      return EmbeddedKafka.clientProperties(data.resolve("kafka"))
          .orElseThrow(() -> new RaceException("no broker in " + data));
    } catch (IOException e) {
      throw new RaceException("cannot reach the broker in " + data + ": " + e.getMessage(), e);
    }
  }
}
