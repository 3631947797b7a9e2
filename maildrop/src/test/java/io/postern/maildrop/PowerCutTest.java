package io.postern.maildrop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Cuts the power before and after every single thing that a directory store does to its disk, and
 * looks at what is left: what was said to be stored is there and whole, what was said to be deleted
 * is not, and no object is there in part. Real crashes cannot show this: a killed process leaves
 * the operating system's memory as it is.
 */
class PowerCutTest {
  private static final int SEEDS = 20;
  private static final int ACTIONS = 25;
  private static final int CUTS_A_STEP = 3;

  @TempDir Path parent;

  @Test
  void whatWasPromisedSurvives() throws Exception {
    for (int seed = 0; seed < SEEDS; seed++) {
      Path base = Files.createDirectory(parent.resolve("seed" + seed));
      new Life(new Random(seed), base, new LossyDisk(base)).live("seed " + seed);
    }
  }

  @Test
  void aDiskThatDoesNotFlushFilesIsFoundOut() throws Exception {
    LossyDisk disk = new LossyDisk(parent).withoutFlushOfFiles();
    assertThatThrownBy(() -> new Life(new Random(1), parent, disk).live("lies"))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void aDiskThatDoesNotFlushDirectoriesIsFoundOut() throws Exception {
    LossyDisk disk = new LossyDisk(parent).withoutFlushOfDirectories();
    assertThatThrownBy(() -> new Life(new Random(1), parent, disk).live("lies"))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void aStoreOpensWhatAPowerCutLeft() throws Exception {
    for (int seed = 0; seed < SEEDS; seed++) {
      Path base = Files.createDirectory(parent.resolve("seed" + seed));
      LossyDisk disk = new LossyDisk(base);
      Life life = new Life(new Random(seed), base, disk);
      life.live("seed " + seed);
      life.store.begin("mailboxes/a/mail/half").write(new byte[10], 0, 10);
      Map<Path, byte[]> left = disk.afterPowerCut(new Random(seed));

      Path after = Files.createDirectory(parent.resolve("after" + seed));
      for (Map.Entry<Path, byte[]> file : left.entrySet()) {
        Path copy = after.resolve(base.relativize(file.getKey()));
        Files.createDirectories(copy.getParent());
        Files.write(copy, file.getValue());
      }
      try (DirectoryStore store = new DirectoryStore(after.resolve("objects"))) {
        for (ObjectStore.Entry entry : store.list("", "", Integer.MAX_VALUE)) {
          try (InputStream in = store.get(entry.key(), 0)) {
            assertThat(life.may(entry.key(), Optional.of(in.readAllBytes()))).isTrue();
          }
        }
      }
      try (Stream<Path> files = Files.list(after.resolve("objects/.incoming"))) {
        assertThat(files.filter(file -> file.toString().endsWith(".part"))).isEmpty();
      }
    }
  }

  /** A store at work, and what its disk may hold. */
  private static final class Life {
    private final Random dice;
    private final Path root;
    private final LossyDisk disk;
    private final GatheringThreads threads = new GatheringThreads();
    private final DirectoryStore store;

    /** For each key all contents that may be found after a power cut now; empty: absent. */
    private final Map<String, Set<Optional<List<Byte>>>> allowed = new HashMap<>();

    private String what = "";

    /** Whether somebody else may store something at every step. */
    private boolean shared;

    Life(Random dice, Path base, LossyDisk disk) throws Exception {
      this.dice = dice;
      this.root = base.resolve("objects");
      this.disk = disk;
      this.store = new DirectoryStore(root, disk, threads);
    }

    void live(String name) throws Exception {
      disk.watchedBy(
          () -> {
            cut(name);
            storeMeanwhile();
          });
      for (int action = 0; action < ACTIONS; action++) {
        switch (dice.nextInt(4)) {
          case 0 -> put();
          case 1 -> putMany();
          case 2 -> upload();
          default -> delete();
        }
        cut(name);
      }
    }

    private void put() throws Exception {
      String key = key();
      byte[] octets = octets();
      what = "put " + key;
      begin(key, octets);
      store.put(key, octets);
      end(key, octets);
    }

    /** Several at once, of which one is no longer wanted before its turn comes. */
    private void putMany() {
      what = "put many";
      threads.gather();
      List<Runnable> ends = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        String key = key() + i;
        byte[] octets = octets();
        var put = store.putSoon(key, octets, threads);
        if (i == 3) {
          put.cancel(false);
        } else {
          begin(key, octets);
          put.thenRun(() -> end(key, octets));
          ends.add(() -> assertThat(put).isCompleted());
        }
      }
      threads.run();
      ends.forEach(Runnable::run);
    }

    private void upload() throws Exception {
      String key = key();
      byte[] octets = octets();
      what = "upload " + key;
      ObjectStore.Upload upload = store.begin(key);
      upload.write(octets, 0, octets.length / 2);
      upload.write(octets, octets.length / 2, octets.length - octets.length / 2);
      if (dice.nextInt(3) > 0) {
        begin(key, octets);
        upload.complete();
        end(key, octets);
      }
      upload.abort();
    }

    private void delete() throws Exception {
      Set<String> keys = new HashSet<>(List.of(key(), key(), key() + dice.nextInt(6)));
      what = "delete " + keys;
      keys.forEach(key -> states(key).add(Optional.empty()));
      shared = true;
      store.delete(keys);
      shared = false;
      keys.forEach(key -> allowed.put(key, new HashSet<>(Set.of(Optional.empty()))));
    }

    /** In a mailbox of its own: flushing it tells nothing of the others. */
    private void storeMeanwhile() {
      if (shared && dice.nextInt(3) == 0) {
        shared = false;
        String key = "mailboxes/d/mail/" + dice.nextInt(4);
        byte[] octets = octets();
        begin(key, octets);
        try {
          store.put(key, octets);
        } catch (StoreException e) {
          throw new UncheckedIOException(e);
        }
        end(key, octets);
        shared = true;
      }
    }

    private String key() {
      return "mailboxes/" + "abc".charAt(dice.nextInt(3)) + "/mail/" + dice.nextInt(4);
    }

    private byte[] octets() {
      byte[] octets = new byte[1 + dice.nextInt(40)];
      dice.nextBytes(octets);
      return octets;
    }

    private Set<Optional<List<Byte>>> states(String key) {
      return allowed.computeIfAbsent(key, unknown -> new HashSet<>(Set.of(Optional.empty())));
    }

    private void begin(String key, byte[] octets) {
      states(key).add(Optional.of(boxed(octets)));
    }

    private void end(String key, byte[] octets) {
      allowed.put(key, new HashSet<>(Set.of(Optional.of(boxed(octets)))));
    }

    boolean may(String key, Optional<byte[]> found) {
      return states(key).contains(found.map(Life::boxed));
    }

    private void cut(String name) {
      for (int i = 0; i < CUTS_A_STEP; i++) {
        Map<Path, byte[]> left = disk.afterPowerCut(dice);
        left.keySet().removeIf(path -> path.startsWith(root.resolve(".incoming")));
        Set<String> keys = new HashSet<>(allowed.keySet());
        left.keySet().forEach(path -> keys.add(root.relativize(path).toString()));
        for (String key : keys) {
          Optional<byte[]> found = Optional.ofNullable(left.get(root.resolve(key)));
          assertThat(may(key, found))
              .as("%s, %s: %s is %s", name, what, key, found.map(Arrays::toString).orElse("gone"))
              .isTrue();
        }
      }
    }

    private static List<Byte> boxed(byte[] octets) {
      List<Byte> boxed = new ArrayList<>();
      for (byte octet : octets) {
        boxed.add(octet);
      }
      return boxed;
    }
  }
}
