package io.postern.gateway.recovery;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import io.postern.gateway.CommandFailure;
import io.postern.pipeline.Ulids;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One file in the form mboxrd: in front of each message a line {@code From sender date}, behind it
 * an empty line, line ends as LF, and a {@code >} more in front of every line that begins with
 * {@code From } or with {@code >}s and that. It has its name once it is complete; a file that is
 * there is never written over.
 */
final class MboxTarget implements ExportTarget {
  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_DIRECTORY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final DateTimeFormatter ASCTIME =
      DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ROOT);
  private static final Pattern RETURN_PATH =
      Pattern.compile("^Return-Path: *<([!-;=?-~]+)>", Pattern.CASE_INSENSITIVE);
  private static final String NOBODY = "MAILER-DAEMON";

  /** The beginning of a message in which its Return-Path would be. */
  private static final int PEEK_BYTES = 512;

  private static final int BUFFER_BYTES = 256 * 1024;

  private final Path target;
  private final Path part;
  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);

  MboxTarget(Path directory, String address) throws IOException {
    Files.createDirectories(directory, PRIVATE_DIRECTORY);
    // A local part may hold a slash (RFC 5321, 4.1.2).
    String name = address.replace("%", "%25").replace("/", "%2F") + ".mbox";
    this.target = directory.resolve(name);
    this.part = directory.resolve(name + ".part");
    if (Files.exists(target)) {
      throw new CommandFailure(target + " is there already: move it away first");
    }
    this.channel = FileChannel.open(part, Set.of(CREATE, TRUNCATE_EXISTING, WRITE), PRIVATE_FILE);
  }

  @Override
  public Optional<Letter> begin(String messageId) throws IOException {
    flush();
    return Optional.of(new Entry(messageId, channel.position()));
  }

  @Override
  public void finish() throws IOException {
    flush();
    channel.force(true);
    Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private void put(int octet) throws IOException {
    if (!buffer.hasRemaining()) {
      flush();
    }
    buffer.put((byte) octet);
  }

  private void flush() throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }

  private final class Entry implements Letter {
    private final String messageId;
    private final long start;
    private final Mboxrd mboxrd = new Mboxrd(MboxTarget.this::put);
    private ByteArrayOutputStream beginning = new ByteArrayOutputStream();
    private boolean complete;

    Entry(String messageId, long start) {
      this.messageId = messageId;
      this.start = start;
    }

    @Override
    public void write(byte[] octets, int offset, int length) throws IOException {
      if (beginning == null) {
        mboxrd.write(octets, offset, length);
        return;
      }
      beginning.write(octets, offset, length);
      if (beginning.size() >= PEEK_BYTES) {
        begin();
      }
    }

    @Override
    public void complete() throws IOException {
      if (beginning != null) {
        begin();
      }
      mboxrd.finish();
      complete = true;
    }

    @Override
    public void discard() throws IOException {
      if (!complete) {
        buffer.clear();
        channel.truncate(start);
        channel.position(start);
      }
    }

    private void begin() throws IOException {
      byte[] octets = beginning.toByteArray();
      beginning = null;
      String line =
          "From "
              + sender(octets)
              + " "
              + ASCTIME.format(Ulids.time(messageId).atOffset(ZoneOffset.UTC));
      for (byte octet : line.getBytes(US_ASCII)) {
        put(octet);
      }
      put('\n');
      mboxrd.write(octets, 0, octets.length);
    }

    private String sender(byte[] octets) {
      int length = Math.min(octets.length, PEEK_BYTES);
      Matcher path = RETURN_PATH.matcher(new String(octets, 0, length, US_ASCII));
      return path.find() ? path.group(1) : NOBODY;
    }
  }
}
