package io.postern.gateway.recovery;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import io.postern.pipeline.Ulids;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * A Maildir: one file a message, octet for octet as it was stored, CRLF line ends included. A file
 * is written in {@code tmp}, flushed, and renamed into {@code new}. Its name follows from the ids
 * of message and mailbox, so no two messages have one name, in however many mailboxes they are, and
 * an export that broke off can be run again.
 */
final class MaildirTarget implements ExportTarget {
  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_DIRECTORY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final String mailboxId;
  private final Path tmp;
  private final Path fresh;

  MaildirTarget(Path directory, String mailboxId) throws IOException {
    this.mailboxId = mailboxId;
    this.tmp = directory.resolve("tmp");
    this.fresh = directory.resolve("new");
    for (Path part : new Path[] {tmp, fresh, directory.resolve("cur")}) {
      Files.createDirectories(part, PRIVATE_DIRECTORY);
    }
  }

  @Override
  public Optional<Letter> begin(String messageId) throws IOException {
    String name =
        Ulids.time(messageId).getEpochSecond() + "." + messageId + "_" + mailboxId + ".postern";
    if (Files.exists(fresh.resolve(name))) {
      return Optional.empty();
    }
    return Optional.of(new File(tmp.resolve(name), fresh.resolve(name)));
  }

  /** The names are durable, too. */
  @Override
  public void finish() throws IOException {
    try (FileChannel directory = FileChannel.open(fresh, READ)) {
      directory.force(true);
    }
  }

  @Override
  public void close() {}

  private static final class File implements Letter {
    private final Path path;
    private final Path target;
    private final FileChannel channel;

    File(Path path, Path target) throws IOException {
      this.path = path;
      this.target = target;
      this.channel = FileChannel.open(path, Set.of(CREATE, TRUNCATE_EXISTING, WRITE), PRIVATE_FILE);
    }

    @Override
    public void write(byte[] octets, int offset, int length) throws IOException {
      ByteBuffer rest = ByteBuffer.wrap(octets, offset, length);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
    }

    @Override
    public void complete() throws IOException {
      channel.force(true);
      channel.close();
      Files.move(path, target, ATOMIC_MOVE);
    }

    @Override
    public void discard() throws IOException {
      channel.close();
      Files.deleteIfExists(path);
    }
  }
}
