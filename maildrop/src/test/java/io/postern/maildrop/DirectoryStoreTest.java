package io.postern.maildrop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.postern.maildrop.StoreException.Category;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirectoryStoreTest extends ObjectStoreContract {
  private static final String A = "mailboxes/m/mail/a";
  private static final String B = "mailboxes/m/mail/b";

  /** What {@link ObjectFile} reads at once in these tests. */
  private static final int BLOCK = 64 * 1024;

  @TempDir Path parent;
  private final FillingDisk disk = new FillingDisk();
  private Path root;
  private DirectoryStore store;

  /** A real one that may be full. */
  private static final class FillingDisk extends LocalDisk {
    private boolean full;

    @Override
    public long freeBytes(Path directory) {
      return full ? 0 : Long.MAX_VALUE;
    }

    @Override
    public NewFile reuse(Path file) throws IOException {
      return full
          ? new Channel(FileChannel.open(Path.of("/dev/full"), StandardOpenOption.WRITE))
          : super.reuse(file);
    }
  }

  @BeforeEach
  void open() throws StoreException {
    root = parent.resolve("data/objects");
    store = reopened();
  }

  private DirectoryStore reopened() throws StoreException {
    return new DirectoryStore(root, disk, Executors.newFixedThreadPool(2));
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Override
  ObjectStore store() {
    return store;
  }

  @Test
  void theKeyIsThePath() throws Exception {
    store.put("mailboxes/m/mail/x.age", octets(10));

    assertThat(root.resolve("mailboxes/m/mail/x.age")).hasBinaryContent(octets(10));
  }

  @Test
  void nobodyElseMayRead() throws Exception {
    store.put("mailboxes/m/mail/x.age", octets(10));
    ObjectStore.Upload unfinished = store.begin("mailboxes/m/mail/y.age");
    unfinished.write(octets(10), 0, 10);

    try (Stream<Path> all = Files.walk(parent.resolve("data"))) {
      for (Path path : all.toList()) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
            .as("%s", path)
            .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------");
      }
    }
    unfinished.abort();
  }

  @Test
  void clearsWhatACrashLeftBehind() throws Exception {
    ObjectStore.Upload lost = store.begin("a");
    lost.write(octets(10), 0, 10);
    assertThat(parts()).hasSize(1);
    store.close();

    store = reopened();
    assertThat(parts()).isEmpty();
    assertThat(store.list("", "", 10)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 1000, 1001, 5000})
  void usesTheFilesOfDeletedMailAgain(int size) throws Exception {
    store.put(A, octets(1000));
    Object file = fileKey(A);

    store.delete(List.of(A));
    assertThat(parts()).hasSize(1);
    assertThat(store.stat(A)).isEmpty();

    store.put(B, octets(size));
    assertThat(root.resolve(B)).hasBinaryContent(octets(size));
    assertThat(fileKey(B)).isEqualTo(file);
    assertThat(parts()).isEmpty();
  }

  @Test
  void choosesAFileThatFits() throws Exception {
    store.put(A, octets(1000));
    upload(B, 3_000_000);
    Object small = fileKey(A);
    Object large = fileKey(B);
    store.delete(List.of(A, B));

    upload(A, 2_000_000);
    store.put(B, octets(900));
    assertThat(fileKey(A)).isEqualTo(large);
    assertThat(fileKey(B)).isEqualTo(small);
    assertThat(root.resolve(A)).hasBinaryContent(octets(2_000_000));

    store.delete(List.of(A));
    store.put(A, octets(900));
    assertThat(fileKey(A)).as("far too large").isNotEqualTo(large);
  }

  private void upload(String key, int size) throws StoreException {
    ObjectStore.Upload upload = store.begin(key);
    upload.write(octets(size), 0, size);
    upload.complete();
  }

  private Object fileKey(String key) throws IOException {
    return Files.readAttributes(root.resolve(key), BasicFileAttributes.class).fileKey();
  }

  @Test
  void leavesACopyMadeByALinkAlone() throws Exception {
    store.put(A, octets(1000));
    Path copy = Files.createLink(parent.resolve("copy"), root.resolve(A));

    store.delete(List.of(A));
    store.put(B, octets(10));

    assertThat(copy).hasBinaryContent(octets(1000));
  }

  @Test
  void keepsNothingButMail() throws Exception {
    for (String key : List.of("a", "mailboxes/m/identity.age", "mailboxes/mail/identity.age")) {
      store.put(key, octets(1000));
      store.delete(List.of(key));
      assertThat(parts()).as(key).isEmpty();
    }
  }

  @Test
  void leavesNoUsedFilesWhenItIsClosed() throws Exception {
    store.put(A, octets(1000));
    store.put(B, octets(200_000));

    store.delete(List.of(A, B));
    assertThat(parts()).hasSize(2);

    store.close();
    assertThat(parts()).isEmpty();
  }

  @Test
  void givesUsedFilesBackWhereTheDiskIsFull() throws Exception {
    store.put(A, octets(1000));
    store.put(B, octets(200_000));
    store.put(B + "c", octets(5));
    store.delete(List.of(A, B));

    disk.full = true;
    assertThat(catchThrowableOfType(StoreException.class, () -> store.put(A, octets(9))).category())
        .isEqualTo(Category.TEMPORARY);
    assertThat(parts()).isEmpty();

    store.delete(List.of(B + "c"));
    assertThat(parts()).singleElement().satisfies(spare -> assertThat(spare).isEmptyFile());
  }

  @Test
  void aReaderOfADeletedObjectNeverGetsAnothers() throws Exception {
    byte[] mine = octets(3 * BLOCK);
    store.put(A, mine);
    Object file = fileKey(A);
    try (InputStream in = store.get(A, 0)) {
      assertThat(in.readNBytes(BLOCK)).isEqualTo(Arrays.copyOf(mine, BLOCK));
      store.delete(List.of(A));
      store.put(B, octets(3 * BLOCK + 1));
      assertThat(fileKey(B)).isEqualTo(file);
      assertThat(gone(in)).isTrue();

      store.put(A, octets(3 * BLOCK));
      assertThat(gone(in)).as("with another in its place").isTrue();
      store.delete(List.of(A, B));
      store.put(A, octets(3 * BLOCK + 2));
      store.put(B, octets(3 * BLOCK + 2));
      assertThat(gone(in)).as("with its file in its place").isTrue();
    }
  }

  /** At the end of what was overwritten with less, as well. */
  @Test
  void aReaderOfADeletedObjectIsNotToldThatItEnds() throws Exception {
    store.put(A, octets(BLOCK));
    try (InputStream in = store.get(A, 0)) {
      in.readNBytes(BLOCK);
      store.delete(List.of(A));
      assertThat(gone(in)).isTrue();
      store.put(B, octets(BLOCK - 1));
      assertThat(gone(in)).isTrue();
    }
  }

  private static boolean gone(InputStream in) {
    return catchThrowableOfType(StoreException.class, () -> in.read(new byte[BLOCK])).category()
        == Category.NOT_FOUND;
  }

  @Test
  void aReaderOfAReplacedObjectReadsTheOldOneToItsEnd() throws Exception {
    store.put(A, octets(3 * BLOCK));
    try (InputStream in = store.get(A, 0)) {
      in.readNBytes(BLOCK);
      store.put(A, octets(10));
      store.delete(List.of(A));
      store.put(B, octets(20));
      assertThat(in.readAllBytes())
          .isEqualTo(Arrays.copyOfRange(octets(3 * BLOCK), BLOCK, 3 * BLOCK));
    }
  }

  @Test
  void leavesTheUploadsOfAnotherThatIsOpen() throws Exception {
    ObjectStore.Upload under = store.begin("a");
    under.write(octets(10), 0, 10);
    new DirectoryStore(root).close();
    under.complete();

    assertThat(store.stat("a")).contains(new ObjectStore.Entry("a", 10));
  }

  private List<Path> parts() throws IOException {
    try (Stream<Path> files = Files.list(root.resolve(".incoming"))) {
      return files.filter(file -> file.toString().endsWith(".part")).toList();
    }
  }

  @Test
  void listsNeitherHiddenFilesNorLinks() throws Exception {
    store.put("mail/a.age", octets(1));
    Files.writeString(root.resolve("mail/.hidden"), "");
    Files.writeString(root.resolve("mail/a b"), "");
    Files.createSymbolicLink(root.resolve("mail/link"), root.resolve("mail/a.age"));
    Files.createSymbolicLink(root.resolve("loop"), root);

    assertThat(store.list("", "", 10)).containsExactly(new ObjectStore.Entry("mail/a.age", 1));
    assertThat(store.stat("mail/link")).isEmpty();
  }

  @Test
  void survivesTheRemovalOfAFolder() throws Exception {
    store.put("mail/a", octets(1));
    Files.delete(root.resolve("mail/a"));
    Files.delete(root.resolve("mail"));
    store.put("mail/a", octets(2));

    assertThat(store.stat("mail/a")).isPresent();
  }

  @Test
  void aFullDiskIsTemporary() throws Exception {
    // Every write to this device fails as on a full disk.
    Path device = Path.of("/dev/full");
    try (FileChannel full = FileChannel.open(device, StandardOpenOption.WRITE)) {
      var file = new LocalDisk.Channel(full);
      StoreException failure =
          catchThrowableOfType(
              StoreException.class,
              () ->
                  DirectoryStore.attempt(
                      "put a",
                      () -> {
                        file.write(octets(10), 0, 10);
                        return null;
                      }));

      assertThat(failure.category()).isEqualTo(Category.TEMPORARY);
      assertThat(failure).hasMessageContaining("No space left");
    }
  }

  @Test
  void aDirectoryThatCannotBeMadeIsSaid() throws Exception {
    Path file = Files.writeString(parent.resolve("file"), "");

    assertThat(
            catchThrowableOfType(
                StoreException.class, () -> new DirectoryStore(file.resolve("store"))))
        .hasMessageContaining("file");
  }
}
