package io.postern.maildrop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptListingsTest {
  private static final List<ObjectStore.Entry> FILES =
      IntStream.range(0, 1000)
          .mapToObj(i -> new ObjectStore.Entry("f%04d".formatted(i), i * 10_000_000L))
          .toList();

  @TempDir Path root;
  private Path directory;
  private Path kept;
  private Optional<FileTime> modified;

  @BeforeEach
  void make() throws Exception {
    directory = Files.createDirectories(root.resolve("mailboxes/m/mail"));
    kept = root.resolve(".listings/+mailboxes+m+mail");
    modified = Optional.of(Files.getLastModifiedTime(directory));
  }

  private void write(Optional<FileTime> settled) {
    new KeptListings(root).write(directory, listed(FILES), 0, settled, Instant.EPOCH);
  }

  private static ListedFiles listed(List<ObjectStore.Entry> files) {
    return ListedFiles.none().with(files);
  }

  private Optional<KeptListings.Kept> read() {
    return new KeptListings(root).read(directory);
  }

  private static List<ObjectStore.Entry> entries(ListedFiles files) {
    return IntStream.range(0, files.count())
        .mapToObj(i -> new ObjectStore.Entry(files.name(i), files.sizeBytes(i)))
        .toList();
  }

  @Test
  void keepsWhatADirectoryHeld() throws Exception {
    assertThat(read()).isEmpty();
    write(modified);

    assertThat(entries(read().orElseThrow().files())).isEqualTo(FILES);
    assertThat(read().orElseThrow().settled()).isEqualTo(modified);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept.getParent())))
        .isEqualTo("rwx------");
  }

  @Test
  void doesNotSayThatAChangedDirectoryHoldsTheSame() throws Exception {
    write(modified);
    Files.createFile(directory.resolve("x"));
    assertThat(read().orElseThrow().settled()).isEmpty();
    Files.setLastModifiedTime(directory, modified.orElseThrow());
    assertThat(read().orElseThrow().settled()).as("as a backup may do").isEmpty();
    assertThat(entries(read().orElseThrow().files())).isEqualTo(FILES);

    write(Optional.empty());
    assertThat(read().orElseThrow().settled()).as("read in the tick of a change").isEmpty();
    write(modified.map(time -> FileTime.from(time.toInstant().minusSeconds(9))));
    assertThat(read().orElseThrow().settled()).as("changed since it was read").isEmpty();
  }

  @Test
  void believesNothingThatIsDamaged() throws Exception {
    write(modified);
    byte[] whole = Files.readAllBytes(kept);
    for (int length = 0; length < 100; length++) {
      Files.write(kept, Arrays.copyOf(whole, length));
      assertThat(read()).as("the first %s octets", length).isEmpty();
    }
    for (int at = 0; at < whole.length; at += 97) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 1;
      Files.write(kept, damaged);
      assertThat(read()).as("octet %s", at).isEmpty();
    }
    Files.write(kept, new byte[whole.length]);
    assertThat(read()).isEmpty();
  }

  @Test
  void isReadOnce() {
    write(modified);
    KeptListings listings = new KeptListings(root);
    assertThat(listings.read(directory)).isPresent();
    assertThat(listings.read(directory)).isEmpty();
  }

  @Test
  void writesSeldom() throws Exception {
    KeptListings listings = new KeptListings(root);
    listings.write(directory, listed(FILES.subList(1, 1000)), 999, modified, Instant.EPOCH);
    assertThat(kept).as("small").doesNotExist();

    listings.write(directory, listed(FILES), 1000, Optional.empty(), Instant.EPOCH);
    listings.write(directory, listed(FILES), 0, modified, Instant.EPOCH);
    assertThat(read().orElseThrow().settled()).as("better than before").isPresent();

    Files.delete(kept);
    Instant soon = Instant.EPOCH.plus(Duration.ofMinutes(9));
    listings.write(directory, listed(FILES), 999, modified, soon);
    assertThat(kept).doesNotExist();
    listings.write(directory, listed(FILES), 1000, modified, soon);
    assertThat(kept).as("too many are new to be asked for again").exists();

    Files.delete(kept);
    Instant later = soon.plus(Duration.ofMinutes(11));
    listings.write(directory, listed(FILES), 0, modified, later);
    assertThat(kept).exists();
  }

  @Test
  void clearsWhatNobodyNeeds() throws Exception {
    write(modified);
    Files.createFile(kept.resolveSibling("7.tmp"));
    Files.copy(kept, kept.resolveSibling("+mailboxes+gone+mail"));
    new KeptListings(root);
    try (Stream<Path> left = Files.list(kept.getParent())) {
      assertThat(left).containsExactly(kept);
    }
    new KeptListings(root).forget(directory);
    assertThat(kept).doesNotExist();
  }
}
