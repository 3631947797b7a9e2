package io.postern.maildrop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.postern.maildrop.ObjectStore.Entry;
import io.postern.maildrop.StoreException.Category;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every store does. The tests of each adapter extend this. */
abstract class ObjectStoreContract {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int PART = S3Settings.DEFAULT_PART_BYTES;

  /** Keeps the tests apart in a store that outlives them. */
  private String base;

  @BeforeEach
  final void keepApart() {
    base = "tests/" + UUID.randomUUID() + "/";
  }

  abstract ObjectStore store();

  private String key(String name) {
    return base + name;
  }

  static byte[] octets(int length) {
    byte[] octets = new byte[length];
    new Random(length).nextBytes(octets);
    return octets;
  }

  private byte[] read(String key, long offset) throws Exception {
    try (InputStream in = store().get(key, offset)) {
      return in.readAllBytes();
    }
  }

  private static StoreException failure(ThrowingCallable call) {
    return catchThrowableOfType(StoreException.class, call);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1000, 70_000, PART, PART + 1})
  void keepsWhatWasPut(int size) throws Exception {
    store().put(key("a"), octets(size));

    assertThat(read(key("a"), 0)).isEqualTo(octets(size));
    assertThat(store().stat(key("a"))).contains(new Entry(key("a"), size));
    assertThat(store().list(base, "", 10)).containsExactly(new Entry(key("a"), size));
  }

  @Test
  void replacesAnObject() throws Exception {
    store().put(key("a"), octets(5000));
    store().put(key("a"), octets(3));

    assertThat(read(key("a"), 0)).isEqualTo(octets(3));
  }

  @Test
  void writesManyAtOnce() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      List<CompletableFuture<Void>> puts =
          IntStream.range(0, 300)
              .mapToObj(i -> store().putSoon(key(i % 3 + "/" + i), octets(i), pool))
              .toList();
      for (int i = 0; i < puts.size(); i++) {
        puts.get(i).get();
        assertThat(read(key(i % 3 + "/" + i), 0)).isEqualTo(octets(i));
      }
      assertThat(store().putSoon("..", octets(1), pool))
          .failsWithin(PATIENCE)
          .withThrowableOfType(ExecutionException.class)
          .withCauseInstanceOf(StoreException.class);
    } finally {
      pool.shutdownNow();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100_000, PART - 1, PART, PART + 1, 2 * PART, 3 * PART + 17})
  void takesAnObjectInPieces(int size) throws Exception {
    byte[] whole = octets(size);
    ObjectStore.Upload upload = store().begin(key("a"));
    for (int from = 0; from < size; from += 131_072) {
      upload.write(whole, from, Math.min(131_072, size - from));
      assertThat(upload.heldBytes()).isLessThanOrEqualTo(PART);
    }
    assertThat(store().stat(key("a"))).as("visible before it is complete").isEmpty();
    upload.complete();
    upload.abort();

    assertThat(read(key("a"), 0)).isEqualTo(whole);
    assertThat(upload.heldBytes()).isZero();
  }

  @Test
  void takesPiecesLargerThanAPart() throws Exception {
    byte[] whole = octets(2 * PART + 100);
    ObjectStore.Upload upload = store().begin(key("a"));
    upload.write(whole, 0, 10);
    upload.write(whole, 10, whole.length - 10);
    upload.complete();

    assertThat(read(key("a"), 0)).isEqualTo(whole);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10, 2 * PART})
  void anAbortedUploadLeavesNothing(int size) throws Exception {
    store().put(key("old"), octets(7));
    ObjectStore.Upload upload = store().begin(key("old"));
    upload.write(octets(size), 0, size);
    upload.abort();
    upload.abort();

    assertThat(read(key("old"), 0)).isEqualTo(octets(7));
    assertThat(store().list(base, "", 10)).hasSize(1);
    assertThat(upload.heldBytes()).isZero();
  }

  @Test
  void readsFromAnOffset() throws Exception {
    byte[] whole = octets(200_000);
    store().put(key("a"), whole);

    for (int offset : new int[] {1, 65_552, 199_999, 200_000, 300_000}) {
      assertThat(read(key("a"), offset))
          .as("from %s", offset)
          .isEqualTo(Arrays.copyOfRange(whole, Math.min(offset, 200_000), 200_000));
    }
  }

  @Test
  void aStreamMayBeClosedHalfRead() throws Exception {
    store().put(key("a"), octets(3_000_000));
    for (int i = 0; i < 100; i++) {
      try (InputStream in = store().get(key("a"), 0)) {
        assertThat(in.readNBytes(10)).hasSize(10);
      }
    }
  }

  @Test
  void saysWhatIsNotThere() throws Exception {
    assertThat(store().stat(key("a"))).isEmpty();
    assertThat(store().list(base, "", 10)).isEmpty();
    assertThat(failure(() -> store().get(key("a"), 0)).category()).isEqualTo(Category.NOT_FOUND);
    assertThat(failure(() -> store().get(key("a"), 9)).category()).isEqualTo(Category.NOT_FOUND);

    store().put(key("a/b"), octets(1));
    assertThat(store().stat(key("a"))).as("what is above an object is none").isEmpty();
    assertThat(failure(() -> store().get(key("a"), 0)).category()).isEqualTo(Category.NOT_FOUND);
  }

  @Test
  void listsInOctetOrder() throws Exception {
    List<String> names =
        List.of("B", "a-b", "a.b", "a/c", "a/c.d", "a/d/e", "a0", "aa", "b", "b-1", "b0/x");
    List<String> shuffled = new ArrayList<>(names);
    Collections.shuffle(shuffled, new Random(3));
    for (String name : shuffled) {
      store().put(key(name), new byte[0]);
    }
    List<String> keys = names.stream().map(this::key).toList();

    assertThat(store().list(base, "", 100)).extracting(Entry::key).isEqualTo(keys);
    for (int from = 0; from < keys.size(); from++) {
      assertThat(store().list(base, keys.get(from), 3))
          .as("after %s", keys.get(from))
          .extracting(Entry::key)
          .isEqualTo(keys.subList(from + 1, Math.min(from + 4, keys.size())));
    }
    assertThat(store().list(key("a/"), "", 100)).hasSize(3);
    assertThat(store().list(key("a"), "", 100)).hasSize(7);
    assertThat(store().list(base, key("a/b"), 1))
        .extracting(Entry::key)
        .containsExactly(key("a/c"));
    assertThat(store().list(key("zzz"), "", 100)).isEmpty();
    assertThat(store().list(base, "", 0)).isEmpty();
    assertThat(listed(base)).isEqualTo(names);
    assertThat(listed(key("a/"))).containsExactly("c", "c.d", "d/e");
    assertThat(listed(key("a/c"))).containsExactly("", ".d");
    assertThat(listed(key("zzz"))).isEmpty();
  }

  private List<String> listed(String prefix) throws StoreException {
    List<String> names = new ArrayList<>();
    store().list(prefix, (name, sizeBytes) -> names.add(name));
    return names;
  }

  @Test
  void listsAndDeletesMoreThanAPage() throws Exception {
    List<String> keys =
        IntStream.range(0, 1205).mapToObj(i -> key("%05d/a.age".formatted(i))).toList();
    keys.parallelStream().forEach(this::putOctet);
    assertThat(store().list(base, "", Integer.MAX_VALUE)).extracting(Entry::key).isEqualTo(keys);
    assertThat(store().list(base, keys.get(99), 1003))
        .extracting(Entry::key)
        .isEqualTo(keys.subList(100, 1103));
    assertThat(store().folders(base))
        .isEqualTo(IntStream.range(0, 1205).mapToObj("%05d"::formatted).toList());

    store().delete(keys.subList(0, 1204));
    assertThat(store().list(base, "", Integer.MAX_VALUE))
        .extracting(Entry::key)
        .containsExactly(keys.get(1204));
    assertThat(store().folders(base)).containsExactly("01204");
  }

  @Test
  void namesFolders() throws Exception {
    for (String name : List.of("b/z", "b/c/d", "b-c/x", "a/a", "a.b/x", "file")) {
      store().put(key(name), octets(1));
    }

    assertThat(store().folders(base)).containsExactly("a", "a.b", "b", "b-c");
    assertThat(store().folders(key("b/"))).containsExactly("c");
    assertThat(store().folders(key("b/c/"))).isEmpty();
    assertThat(store().folders(key("none/"))).isEmpty();
    store().delete(List.of(key("b/z"), key("b/c/d")));
    assertThat(store().folders(base)).containsExactly("a", "a.b", "b-c");
  }

  private void putOctet(String key) {
    try {
      store().put(key, new byte[] {1});
    } catch (StoreException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void deletingWhatIsNotThereIsNoError() throws Exception {
    store().put(key("a"), octets(1));
    store().delete(List.of());
    store().delete(List.of(key("nothing"), key("a"), key("no/such/folder")));
    store().delete(List.of(key("a")));

    assertThat(store().list(base, "", 10)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "/", "/a", "a/", "a//b", "..", "a/../b", "a/.b", ".", "a\\b", "a\0", "ä", "a b"
      })
  void refusesOtherKeys(String key) {
    assertThat(failure(() -> store().put(key, new byte[1])).category()).isEqualTo(Category.INVALID);
    assertThat(failure(() -> store().begin(key)).category()).isEqualTo(Category.INVALID);
    assertThat(failure(() -> store().get(key, 0)).category()).isEqualTo(Category.INVALID);
    assertThat(failure(() -> store().stat(key)).category()).isEqualTo(Category.INVALID);
    assertThat(failure(() -> store().delete(List.of(key))).category()).isEqualTo(Category.INVALID);
  }

  @Test
  void servesManyThreads() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Void>> work = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        String own = "mailbox" + thread % 3 + "/" + thread + "-";
        work.add(() -> putListDelete(own));
      }
      for (Future<Void> done : threads.invokeAll(work)) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(store().list(base, "", Integer.MAX_VALUE)).hasSize(8 * 10);
  }

  /** Leaves ten objects; finds its own in every listing, whatever the others do meanwhile. */
  private Void putListDelete(String own) throws Exception {
    for (int i = 0; i < 20; i++) {
      store().put(key(own + i), octets(i * 100));
      assertThat(read(key(own + i), 0)).isEqualTo(octets(i * 100));
      if (i % 2 == 0) {
        store().delete(List.of(key(own + i)));
      }
      assertThat(store().list(key(own), "", 100)).hasSize((i + 1) / 2);
    }
    return null;
  }

  @Test
  void readersSeeTheOldObjectOrTheNew() throws Exception {
    byte[] old = octets(100_000);
    byte[] replaced = octets(90_000);
    store().put(key("a"), old);
    ExecutorService writer = Executors.newSingleThreadExecutor();
    try {
      Future<?> writing =
          writer.submit(
              () -> {
                for (int i = 0; i < 50; i++) {
                  store().put(key("a"), i % 2 == 0 ? replaced : old);
                }
                return null;
              });
      while (!writing.isDone()) {
        assertThat(read(key("a"), 0))
            .satisfiesAnyOf(
                seen -> assertThat(seen).isEqualTo(old),
                seen -> assertThat(seen).isEqualTo(replaced));
      }
      writing.get();
    } finally {
      writer.shutdownNow();
    }
  }
}
