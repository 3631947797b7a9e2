package io.postern.bench.race;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.postern.age.AgeException;
import io.postern.age.Keys;
import io.postern.age.Sealer;
import io.postern.mailbox.Mailbox;
import io.postern.maildrop.MailKey;
import io.postern.pipeline.Ulids;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes a directory store large: small messages, sealed to their mailboxes as the workers do it,
 * but written past the pipeline, some ten thousand a second. All copies in one mailbox have the
 * same content under ids of their own.
 */
final class Filler {
  private static final byte[] MESSAGE =
      "From: filler@load.test\r\nSubject: one of many\r\n\r\nWhat is old takes room.\r\n"
          .getBytes(US_ASCII);

  /** One mailbox, and what is put there. */
  private record Target(Path directory, Mailbox mailbox, int headerLength, byte[] sealed) {}

  private final Ulids ids;
  private final List<Target> targets = new ArrayList<>();
  private long written;

  /**
   * @param objects the root of the directory store
   * @param mailboxes that get the mail in turn
   */
  Filler(Path objects, List<Mailbox> mailboxes) {
    SecureRandom random = new SecureRandom();
    this.ids = new Ulids(InstantSource.system(), random);
    for (Mailbox mailbox : mailboxes) {
      targets.add(target(objects, mailbox, random));
    }
  }

  private static Target target(Path objects, Mailbox mailbox, SecureRandom random) {
    try {
      Sealer sealer = new Sealer(List.of(Keys.recipient(mailbox.recipient())), random);
      ByteArrayOutputStream sealed = new ByteArrayOutputStream();
      sealer.update(MESSAGE, 0, MESSAGE.length, sealed::write);
      sealer.finish(sealed::write);
      return new Target(objects, mailbox, sealer.headerLength(), sealed.toByteArray());
    } catch (AgeException e) {
      throw new RaceException(mailbox.address() + " has no usable recipient", e);
    }
  }

  /** Messages so far. */
  long written() {
    return written;
  }

  /** Writes until there are so many, and waits until all is on the disk. */
  void fillTo(long messages) {
    try {
      while (written < messages) {
        Target target = targets.get((int) (written % targets.size()));
        MailKey key = new MailKey(target.mailbox().id(), ids.next(), target.headerLength());
        Path file = target.directory().resolve(key.key());
        if (written < targets.size()) {
          Files.createDirectories(file.getParent());
        }
        Files.write(file, target.sealed());
        written++;
      }
    } catch (IOException e) {
      throw new RaceException("cannot fill the store: " + e.getMessage(), e);
    }
    Programs.sync();
  }
}
