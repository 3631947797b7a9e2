package io.postern.maildrop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnownFilesTest {
  private static final int FILES = 1000;

  @TempDir Path parent;
  private Path directory;
  private Instant now = Instant.EPOCH;
  private KnownFiles knownFiles;

  @BeforeEach
  void fill() throws Exception {
    directory = Files.createDirectory(parent.resolve("mail"));
    knownFiles = started(10 * FILES);
    for (int i = 0; i < FILES; i++) {
      write("f" + i, 1);
    }
  }

  private KnownFiles started(int maxFiles) {
    return new KnownFiles(() -> now, maxFiles, new KeptListings(parent));
  }

  private void write(String name, int length) throws Exception {
    Files.write(directory.resolve(name), new byte[length]);
  }

  private List<ObjectStore.Entry> list() throws Exception {
    return new DirectoryListing(knownFiles, "", "", Integer.MAX_VALUE).of(directory);
  }

  private static List<ObjectStore.Entry> entries(int from, int to, int size) {
    return IntStream.range(from, to)
        .mapToObj(i -> new ObjectStore.Entry("f" + i, size))
        .sorted((a, b) -> a.key().compareTo(b.key()))
        .toList();
  }

  @Test
  void seesWhatComesAndGoes() throws Exception {
    assertThat(list()).isEqualTo(entries(0, FILES, 1));
    for (int i = 0; i < 100; i++) {
      Files.delete(directory.resolve("f" + i));
      write("f" + (FILES + i), 1);
    }
    assertThat(list()).isEqualTo(entries(100, FILES + 100, 1));
    Files.createDirectory(directory.resolve("f1"));
    write("f1/x", 3);
    assertThat(list()).contains(new ObjectStore.Entry("f1/x", 3)).hasSize(FILES + 1);
  }

  @Test
  void asksForAKnownSizeAgainWhenTheFileWasWritten() throws Exception {
    list();
    write("f7", 9);
    write("f8", 9);
    assertThat(list()).as("nobody has said so").isEqualTo(entries(0, FILES, 1));
    knownFiles.forget(directory.resolve("f7"));
    assertThat(list()).contains(entry("f7", 9), entry("f8", 1));
    assertThat(list()).contains(entry("f7", 9), entry("f8", 1));
  }

  @Test
  void asksForAllAgainInTime() throws Exception {
    list();
    write("f8", 9);
    now = now.plus(Duration.ofMinutes(9));
    assertThat(list()).contains(entry("f8", 1));
    now = now.plus(Duration.ofMinutes(2));
    assertThat(list()).contains(entry("f8", 9));
  }

  @Test
  void doesNotRememberWhatWasWrittenDuringTheListing() throws Exception {
    try (KnownFiles.Listing listing = knownFiles.list(directory, Optional.empty())) {
      write("f7", 9);
      knownFiles.forget(directory.resolve("f7"));
      listing.learn(ListedFiles.none().with(entries(0, FILES, 1)), FILES, true);
    }
    assertThat(list()).contains(entry("f7", 9), entry("f8", 1));
  }

  @Test
  void doesNotReadADirectoryAgainThatIsUnchangedForLong() throws Exception {
    FileTime modified = modifiedAt(Instant.EPOCH);
    now = Instant.EPOCH.plusSeconds(3);
    assertThat(list()).isEqualTo(entries(0, FILES, 1));
    // Only a test can change a directory without a trace: so it shows that names are not read.
    Files.delete(directory.resolve("f7"));
    Files.setLastModifiedTime(directory, modified);
    assertThat(list()).isEqualTo(entries(0, FILES, 1));
    assertThat(new DirectoryListing(knownFiles, "f99", "f990", 3).of(directory))
        .extracting(ObjectStore.Entry::key)
        .containsExactly("f991", "f992", "f993");
    knownFiles.forget(directory.resolve("f8"));
    assertThat(list()).as("a file was replaced").doesNotContain(entry("f7", 1));
  }

  @Test
  void readsADirectoryAgainThatHasAnyOtherTime() throws Exception {
    modifiedAt(Instant.EPOCH);
    now = Instant.EPOCH.plusSeconds(3);
    list();
    Files.delete(directory.resolve("f7"));
    modifiedAt(Instant.EPOCH.minusSeconds(1));
    assertThat(list()).doesNotContain(entry("f7", 1)).hasSize(FILES - 1);
  }

  @Test
  void readsADirectoryAgainThatHadJustBeenModified() throws Exception {
    modifiedAt(Instant.EPOCH);
    now = Instant.EPOCH.plusSeconds(2);
    list();
    Files.delete(directory.resolve("f7"));
    modifiedAt(Instant.EPOCH);
    now = Instant.EPOCH.plusSeconds(60);
    assertThat(list()).doesNotContain(entry("f7", 1)).hasSize(FILES - 1);
  }

  @Test
  void believesAFineTimeSooner() throws Exception {
    FileTime modified = modifiedAt(Instant.EPOCH.plusNanos(1_234_567));
    now = Instant.EPOCH.plusMillis(501);
    list();
    Files.delete(directory.resolve("f7"));
    Files.setLastModifiedTime(directory, modified);
    assertThat(list()).as("within some ticks").doesNotContain(entry("f7", 1));

    now = Instant.EPOCH.plusMillis(502);
    list();
    Files.delete(directory.resolve("f8"));
    Files.setLastModifiedTime(directory, modified);
    assertThat(list()).contains(entry("f8", 1));
  }

  @Test
  void readsADirectoryAgainThatHoldsOthers() throws Exception {
    Files.createDirectory(directory.resolve("other"));
    modifiedAt(Instant.EPOCH);
    now = Instant.EPOCH.plusSeconds(60);
    list();
    Files.write(directory.resolve("other/f0"), new byte[1]);
    assertThat(list()).contains(entry("other/f0", 1)).hasSize(FILES + 1);
  }

  @Test
  void remembersSizesAfterAStartForTenMinutes() throws Exception {
    list();
    write("f8", 9);
    write("new", 2);
    knownFiles = started(10 * FILES);
    now = now.plus(Duration.ofMinutes(11));
    assertThat(list()).contains(entry("f8", 1), entry("new", 2)).hasSize(FILES + 1);
    knownFiles = started(10 * FILES);
    assertThat(list()).as("the first, still").contains(entry("f8", 1));
    now = now.plus(Duration.ofMinutes(11));
    assertThat(list()).contains(entry("f8", 9));
    knownFiles = started(10 * FILES);
    assertThat(list()).contains(entry("f8", 9));
  }

  @Test
  void keepsAnewWhatCanBeBelievedAfterAStart() throws Exception {
    FileTime modified = modifiedAt(Instant.EPOCH);
    now = Instant.EPOCH.plusSeconds(2);
    list();
    assertThat(keptAsOf()).as("just modified").isEmpty();
    knownFiles = started(10 * FILES);
    now = Instant.EPOCH.plusSeconds(3);
    list();
    assertThat(keptAsOf()).contains(modified);
  }

  /** The time of modification for which what is kept is all that the directory holds. */
  private Optional<FileTime> keptAsOf() {
    return new KeptListings(parent).read(directory).orElseThrow().settled();
  }

  @Test
  void keepsNoSizeOfAFileThatIsReplaced() throws Exception {
    list();
    write("f8", 9);
    knownFiles.forget(directory.resolve("f8"));
    knownFiles = started(10 * FILES);
    assertThat(list()).contains(entry("f8", 9));

    now = now.plus(Duration.ofMinutes(11));
    list();
    knownFiles = started(10 * FILES);
    try (KnownFiles.Listing listing = knownFiles.list(directory, Optional.empty())) {
      write("f7", 3);
      knownFiles.forget(directory.resolve("f7"));
      ListedFiles known =
          listing.known(List.of("f7", "f8"), name -> assertThat(name).isEqualTo("f7"));
      assertThat(known.count()).isOne();
      assertThat(entry(known.name(0), (int) known.sizeBytes(0))).isEqualTo(entry("f8", 9));
    }
  }

  private FileTime modifiedAt(Instant time) throws Exception {
    FileTime modified = FileTime.from(time);
    Files.setLastModifiedTime(directory, modified);
    return modified;
  }

  @Test
  void partOfAListingIsNoListing() throws Exception {
    assertThat(new DirectoryListing(knownFiles, "f99", "f990", 3).of(directory))
        .extracting(ObjectStore.Entry::key)
        .containsExactly("f991", "f992", "f993");
    write("f8", 9);
    assertThat(list()).contains(entry("f8", 9)).hasSize(FILES);
  }

  @Test
  void remembersNoMoreThanItMay() throws Exception {
    knownFiles = started(FILES - 1);
    list();
    write("f8", 9);
    assertThat(list()).contains(entry("f8", 9));

    Path other = Files.createDirectory(directory.resolve("other"));
    for (int i = 0; i < 300; i++) {
      Files.write(other.resolve("f" + i), new byte[1]);
    }
    knownFiles = started(FILES);
    list(); // The larger directory last: the smaller one has to go.
    Files.write(other.resolve("f8"), new byte[9]);
    assertThat(list()).contains(entry("other/f8", 9));
  }

  @Test
  void aReplacedObjectIsListedWithItsNewSize() throws Exception {
    Path root = directory.resolve("store");
    try (DirectoryStore store = new DirectoryStore(root)) {
      Files.createDirectory(root.resolve("a"));
      for (int i = 0; i < FILES; i++) {
        Files.move(
            directory.resolve("f" + i), root.resolve("a/f" + i), StandardCopyOption.ATOMIC_MOVE);
      }
      store.list("a/", "", Integer.MAX_VALUE);
      store.put("a/f7", new byte[9]);
      assertThat(store.list("a/", "", Integer.MAX_VALUE))
          .contains(entry("a/f7", 9), entry("a/f8", 1));
    }
  }

  @Test
  void keepsWhatHoldsManyNewFilesAtOnce() throws Exception {
    list();
    for (int i = 0; i < FILES; i++) {
      Files.delete(directory.resolve("f" + i));
      write("g" + i, 1);
    }
    list();
    for (int i = 0; i < FILES; i++) {
      write("g" + i, 9);
    }
    knownFiles = started(10 * FILES);
    assertThat(list()).as("from before the start").allMatch(file -> file.sizeBytes() == 1);
  }

  private static ObjectStore.Entry entry(String key, int size) {
    return new ObjectStore.Entry(key, size);
  }
}
