package io.postern.bench.race;

import static java.nio.file.StandardCopyOption.COPY_ATTRIBUTES;

import io.postern.maildrop.Layout;
import io.postern.maildrop.MailKey;
import io.postern.pipeline.Ulids;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * Makes a mailbox large: what the server itself has taken, encrypted and stored is put aside, and
 * copied into the mailbox under new names, some ten thousand a second.
 */
final class StoredCopies {
  private final Path mailbox;
  private final Function<String, Optional<String>> rename;
  private final List<Path> originals = new ArrayList<>();

  /**
   * @param mailbox the directory that gets the files
   * @param rename a new name each time; empty for a file that is no mail
   */
  private StoredCopies(Path mailbox, Function<String, Optional<String>> rename) {
    this.mailbox = mailbox;
    this.rename = rename;
  }

  /**
   * Of mail in Postern's directory store.
   *
   * @param objects its root
   * @param aside a directory to make
   */
  static StoredCopies ofPostern(Path objects, String mailboxId, Path aside) {
    Ulids ids = new Ulids(InstantSource.system(), new SecureRandom());
    String folder = Layout.mail(mailboxId);
    StoredCopies copies =
        new StoredCopies(
            objects.resolve(folder),
            name ->
                MailKey.parse(folder + name)
                    .map(key -> new MailKey(mailboxId, ids.next(), key.headerLength()).key())
                    .map(key -> key.substring(folder.length())));
    copies.putAside(List.of(copies.mailbox), aside);
    return copies;
  }

  /**
   * Of mail in a Maildir. Its names have a unique part up to the first comma, then sizes, then
   * flags behind a colon.
   *
   * @param aside a directory to make
   */
  static StoredCopies ofMaildir(Path maildir, Path aside) {
    AtomicLong made = new AtomicLong();
    Path fresh = maildir.resolve("new");
    StoredCopies copies =
        new StoredCopies(
            fresh,
            name ->
                Optional.of(
                    name.replaceFirst(",", "c" + made.incrementAndGet() + ",").split(":")[0]));
    copies.putAside(List.of(fresh, maildir.resolve("cur")), aside);
    return copies;
  }

  private void putAside(List<Path> from, Path aside) {
    try {
      Files.createDirectory(aside);
      for (Path directory : from) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
          for (Path file : files) {
            if (rename.apply(file.getFileName().toString()).isPresent()) {
              originals.add(Files.copy(file, aside.resolve(file.getFileName()), COPY_ATTRIBUTES));
            }
          }
        }
      }
    } catch (IOException e) {
      throw new RaceException("cannot copy stored mail: " + e.getMessage(), e);
    }
    if (originals.isEmpty()) {
      throw new RaceException("no mail in " + mailbox);
    }
  }

  /** Puts so many into the mailbox, and waits until all is on the disk. */
  void fill(int messages) {
    try {
      for (int i = 0; i < messages; i++) {
        Path original = originals.get(i % originals.size());
        String name = rename.apply(original.getFileName().toString()).orElseThrow();
        Files.copy(original, mailbox.resolve(name), COPY_ATTRIBUTES);
      }
    } catch (IOException e) {
      throw new RaceException("cannot fill " + mailbox + ": " + e.getMessage(), e);
    }
    Programs.sync();
  }
}
