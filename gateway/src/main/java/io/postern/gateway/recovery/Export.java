package io.postern.gateway.recovery;

import io.postern.age.AgeException;
import io.postern.age.Identity;
import io.postern.age.Opener;
import io.postern.age.Sink;
import io.postern.maildrop.Layout;
import io.postern.maildrop.MailKey;
import io.postern.maildrop.ObjectStore;
import io.postern.maildrop.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Opens all mail of a mailbox, one message after the other, as it comes. */
final class Export {
  private static final int PAGE = 100_000;
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final int ATTEMPTS = 3;

  /** What came of it. */
  static final class Result {
    private long messages;
    private long octets;
    private long thereAlready;
    private long failed;

    long messages() {
      return messages;
    }

    long octets() {
      return octets;
    }

    long thereAlready() {
      return thereAlready;
    }

    long failed() {
      return failed;
    }
  }

  private final ObjectStore store;
  private final List<Identity> identities;
  private final ExportTarget target;
  private final BiConsumer<String, String> failures;
  private final Result result = new Result();

  /**
   * An export.
   *
   * @param identities the mailbox's; stay the caller's
   * @param failures hears of each object that cannot be exported, and why
   */
  Export(
      ObjectStore store,
      List<Identity> identities,
      ExportTarget target,
      BiConsumer<String, String> failures) {
    this.store = store;
    this.identities = identities;
    this.target = target;
    this.failures = failures;
  }

  Result run(String mailboxId, Progress.Stretch progress) throws IOException {
    String previous = "";
    String prefix = Layout.mail(mailboxId);
    List<ObjectStore.Entry> page = store.list(prefix, "", PAGE);
    while (!page.isEmpty()) {
      for (ObjectStore.Entry object : page) {
        Optional<MailKey> key = MailKey.parse(object.key());
        // Two objects of one message are neighbours.
        if (key.isPresent() && !key.get().messageId().equals(previous)) {
          previous = key.get().messageId();
          export(key.get());
          progress.step(1);
        }
      }
      page =
          page.size() < PAGE
              ? List.of()
              : store.list(prefix, page.get(page.size() - 1).key(), PAGE);
    }
    target.finish();
    return result;
  }

  private void export(MailKey key) throws IOException {
    for (int attempt = 1; ; attempt++) {
      Optional<ExportTarget.Letter> letter = target.begin(key.messageId());
      if (letter.isEmpty()) {
        result.thereAlready++;
        return;
      }
      try {
        long octets = copy(key, letter.get());
        letter.get().complete();
        result.messages++;
        result.octets += octets;
        return;
      } catch (AgeException e) {
        fail(key, "does not open: " + e.getMessage());
        return;
      } catch (StoreException e) {
        if (e.category() == StoreException.Category.NOT_FOUND) {
          return; // Its owner has deleted it meanwhile.
        }
        if (attempt == ATTEMPTS) {
          fail(key, e.getMessage());
          return;
        }
      } finally {
        letter.get().discard();
      }
    }
  }

  private void fail(MailKey key, String why) {
    result.failed++;
    failures.accept(key.key(), why);
  }

  private long copy(MailKey key, ExportTarget.Letter letter) throws IOException {
    long[] count = new long[1];
    Sink plaintext =
        (octets, offset, length) -> {
          try {
            letter.write(octets, offset, length);
            count[0] += length;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        };
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = store.get(key.key(), 0);
        Opener opener = new Opener(identities)) {
      for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
        opener.update(buffer, 0, length, plaintext);
      }
      opener.finish(plaintext);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return count[0];
  }
}
