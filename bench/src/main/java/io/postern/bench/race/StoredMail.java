package io.postern.bench.race;

import io.postern.maildrop.Layout;
import io.postern.maildrop.MailKey;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What lies in a directory store, seen from outside: watching costs the measured process nothing.
 */
final class StoredMail {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final long LOOK_MS = 50;

  private final Path objects;

  /**
   * @param objects the root of the directory store
   */
  StoredMail(Path objects) {
    this.objects = objects;
  }

  /** Finished messages in all mailboxes. */
  long count() {
    long count = 0;
    try (DirectoryStream<Path> mailboxes =
        Files.newDirectoryStream(objects.resolve(Layout.MAILBOXES))) {
      for (Path mailbox : mailboxes) {
        String[] names = mailbox.resolve("mail").toFile().list();
        for (String name : names == null ? new String[0] : names) {
          String key = Layout.MAILBOXES + mailbox.getFileName() + "/mail/" + name;
          count += MailKey.parse(key).isPresent() ? 1 : 0;
        }
      }
      return count;
    } catch (IOException e) {
      throw new RaceException("cannot look into the store: " + e.getMessage(), e);
    }
  }

  /** Returns once there are so many. */
  void awaitCount(long messages) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    long count = count();
    while (count < messages) {
      if (System.nanoTime() > end) {
        throw new RaceException(
            "of %d messages only %d are stored after %d s"
                .formatted(messages, count, PATIENCE.toSeconds()));
      }
      pause();
      count = count();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(LOOK_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RaceException("interrupted", e);
    }
  }
}
