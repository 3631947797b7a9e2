package io.postern.maildrop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.postern.maildrop.StoreException.Category;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryStoreTest extends ObjectStoreContract {
  @TempDir Path parent;
  private Path root;
  private DirectoryStore store;

  @BeforeEach
  void open() throws StoreException {
    root = parent.resolve("data/objects");
    store = new DirectoryStore(root);
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

    store = new DirectoryStore(root);
    assertThat(parts()).isEmpty();
    assertThat(store.list("", "", 10)).isEmpty();
  }

  @Test
  void usesTheFilesOfDeletedObjectsAgain() throws Exception {
    store.put("a", octets(1000));
    Object file = Files.readAttributes(root.resolve("a"), BasicFileAttributes.class).fileKey();

    store.delete(List.of("a"));
    assertThat(parts()).singleElement().satisfies(spare -> assertThat(spare).isEmptyFile());
    assertThat(store.stat("a")).isEmpty();

    store.put("b", octets(10));
    assertThat(root.resolve("b")).hasBinaryContent(octets(10));
    assertThat(Files.readAttributes(root.resolve("b"), BasicFileAttributes.class).fileKey())
        .isEqualTo(file);
    assertThat(parts()).isEmpty();
  }

  @Test
  void leavesACopyMadeByALinkAlone() throws Exception {
    store.put("a", octets(1000));
    Path copy = Files.createLink(parent.resolve("copy"), root.resolve("a"));

    store.delete(List.of("a"));
    store.put("b", octets(10));

    assertThat(copy).hasBinaryContent(octets(1000));
  }

  @Test
  void leavesNoUsedFilesWhenItIsClosed() throws Exception {
    store.put("small", octets(1000));
    store.put("large", octets(200_000));

    store.delete(List.of("small", "large"));
    assertThat(parts()).hasSize(1);

    store.close();
    assertThat(parts()).isEmpty();
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
