package io.postern.maildrop;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What large directories held, on the disk, for the first login after a start: to ask for the sizes
 * of a hundred thousand files takes seconds. They are copies that nothing depends on: they are not
 * flushed, and where one is missing or damaged the directory is read.
 *
 * <p>A file holds {@link #MAGIC}, the directory's inode and time of change and modification in
 * nanoseconds (0: say nothing), the number of files, all sizes, the lengths of all names, an octet
 * each, all names, and a CRC-32C of all that.
 */
final class KeptListings {
  private static final Logger LOG = LoggerFactory.getLogger(KeptListings.class);

  /** With the version in its last octet. */
  private static final long MAGIC = 0x504f5354_4c495302L;

  /** Smaller directories are read fast enough. */
  private static final int MIN_FILES = 1000;

  private static final int MAX_BYTES = 64 << 20;

  /** How often one directory's listing is written at most. */
  private static final Duration PAUSE = Duration.ofMinutes(10);

  /**
   * Of names, which are ASCII: unlike ASCII's own, it copies them without looking at each octet.
   */
  private static final Charset NAMES = ISO_8859_1;

  private static final int FRAME_BYTES = 4 * Long.BYTES + 2 * Integer.BYTES;

  private final Path root;
  private final Path place;

  /** Of those that were there at the start, the ones that nobody has read yet. */
  private final Set<String> unread = ConcurrentHashMap.newKeySet();

  private final Map<Path, Written> written = new ConcurrentHashMap<>();

  private record Written(Instant at, boolean settled) {}

  /** What a listing stands for as long as both are as they were. */
  private record Version(long inode, long changed, FileTime modified) {
    static Version of(Path directory) throws IOException {
      var attributes = Files.readAttributes(directory, "unix:ino,ctime,lastModifiedTime");
      return new Version(
          (long) attributes.get("ino"),
          ((FileTime) attributes.get("ctime")).to(TimeUnit.NANOSECONDS),
          (FileTime) attributes.get("lastModifiedTime"));
    }
  }

  /**
   * What a directory held.
   *
   * @param settled when it had been modified last, where it still holds exactly that if it has not
   *     been modified since
   */
  record Kept(ListedFiles files, Optional<FileTime> settled) {}

  /**
   * Finds those of an earlier start.
   *
   * @param root of the directories that are listed
   */
  KeptListings(Path root) {
    this.root = root;
    this.place = root.resolve(".listings");
    try (DirectoryStream<Path> files = Files.newDirectoryStream(place)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (name.startsWith("+") && Files.isDirectory(directory(name))) {
          unread.add(name);
        } else {
          Files.deleteIfExists(file); // Of a mailbox that is gone, or half written.
        }
      }
    } catch (NoSuchFileException e) {
      LOG.debug("no listings are kept in {} yet", place);
    } catch (IOException e) {
      LOG.debug("reading {}", place, e);
    }
  }

  /** A plus is in no key: it stands for a slash. */
  private String name(Path directory) {
    return "+" + root.relativize(directory).toString().replace('/', '+');
  }

  private Path directory(String name) {
    return root.resolve(name.substring(1).replace('+', '/'));
  }

  /** What an earlier start has left, for whoever asks first. */
  Optional<Kept> read(Path directory) {
    String name = unread.isEmpty() ? "" : name(directory);
    if (!unread.remove(name)) {
      return Optional.empty();
    }
    try {
      Path file = place.resolve(name);
      return Files.size(file) > MAX_BYTES
          ? Optional.empty()
          : parse(ByteBuffer.wrap(Files.readAllBytes(file)), Version.of(directory));
    } catch (IOException e) {
      LOG.debug("reading the listing {}", name, e);
      return Optional.empty();
    }
  }

  private static Optional<Kept> parse(ByteBuffer from, Version now) {
    int end = from.limit() - Integer.BYTES;
    if (end < FRAME_BYTES - Integer.BYTES
        || from.getInt(end) != checksum(from.array(), end)
        || from.getLong() != MAGIC) {
      return Optional.empty();
    }
    Version then =
        new Version(
            from.getLong(), from.getLong(), FileTime.from(from.getLong(), TimeUnit.NANOSECONDS));
    int count = from.getInt();
    String[] names = new String[count];
    long[] sizes = new long[count];
    from.asLongBuffer().get(sizes);
    byte[] octets = from.array();
    int lengths = from.position() + count * Long.BYTES;
    int at = lengths + count;
    for (int i = 0; i < count; i++) {
      int length = octets[lengths + i] & 0xff;
      names[i] = new String(octets, at, length, NAMES);
      at += length;
    }
    return Optional.of(
        new Kept(
            new ListedFiles(names, sizes),
            Optional.of(now.modified).filter(same -> then.equals(now))));
  }

  private static int checksum(byte[] octets, int length) {
    CRC32C crc = new CRC32C();
    crc.update(octets, 0, length);
    return (int) crc.getValue();
  }

  /**
   * Keeps what a directory holds, where it is large and that was not done lately.
   *
   * @param asked of how many files the size was not known: to ask again would cost more than to
   *     write, where they are many
   * @param settled as in {@link Kept}
   */
  void write(
      Path directory, ListedFiles files, int asked, Optional<FileTime> settled, Instant now) {
    Written last = written.get(directory);
    boolean recent = last != null && asked < MIN_FILES && now.isBefore(last.at.plus(PAUSE));
    if (files.count() < MIN_FILES || recent && (last.settled || settled.isEmpty())) {
      return;
    }
    written.put(directory, new Written(now, settled.isPresent()));
    try {
      Version version = Version.of(directory);
      boolean same = settled.isPresent() && settled.get().equals(version.modified);
      ByteBuffer octets = format(files, same ? version : new Version(0, 0, FileTime.fromMillis(0)));
      if (octets.capacity() <= MAX_BYTES) {
        replace(name(directory), octets.array());
      }
    } catch (IOException e) {
      LOG.debug("keeping the listing of {}", directory, e);
    }
  }

  private static ByteBuffer format(ListedFiles files, Version version) {
    int count = files.count();
    int length = FRAME_BYTES + count * (Long.BYTES + 1);
    for (int i = 0; i < count; i++) {
      length += files.name(i).length();
    }
    ByteBuffer octets = ByteBuffer.allocate(length);
    octets.putLong(MAGIC).putLong(version.inode).putLong(version.changed);
    octets.putLong(version.modified.to(TimeUnit.NANOSECONDS)).putInt(count);
    for (int i = 0; i < count; i++) {
      octets.putLong(files.sizeBytes(i));
    }
    for (int i = 0; i < count; i++) {
      octets.put((byte) files.name(i).length());
    }
    for (int i = 0; i < count; i++) {
      octets.put(files.name(i).getBytes(NAMES));
    }
    return octets.putInt(checksum(octets.array(), octets.position()));
  }

  private void replace(String name, byte[] octets) throws IOException {
    Files.createDirectories(place, LocalDisk.PRIVATE_DIRECTORY);
    Path file = Files.createTempFile(place, "", ".tmp", LocalDisk.PRIVATE_FILE);
    try {
      Files.write(file, octets);
      Files.move(file, place.resolve(name), ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /** A file that was listed may have another size now. */
  void forget(Path directory) {
    written.remove(directory);
    try {
      Files.deleteIfExists(place.resolve(name(directory)));
    } catch (IOException e) {
      LOG.debug("forgetting the listing of {}", directory, e);
    }
  }
}
