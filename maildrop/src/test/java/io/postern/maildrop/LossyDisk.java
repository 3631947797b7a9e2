package io.postern.maildrop;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A disk that knows what a power cut may leave of it, which is the least that POSIX promises: of a
 * file that was not flushed any mixture of what was in it when it was flushed last, what was
 * written since, and holes, and either length or one between them; of names that were not flushed
 * those before or after each change, for each name on its own. What it is told to do it does on a
 * real disk, too. Of one thread.
 */
final class LossyDisk implements Disk {
  /** What it is told before and after each thing that it does. */
  interface Watcher {
    void step();
  }

  private static final class Inode {
    final boolean directory;
    byte[] content = {};
    byte[] flushed = {};

    /** Of a directory: for each name in it what it stood for since the last flush, latest last. */
    final Map<Path, List<Inode>> names = new TreeMap<>();

    Inode(boolean directory) {
      this.directory = directory;
    }
  }

  private final Disk real = new LocalDisk();
  private final Path base;
  private final Inode root = new Inode(true);
  private final Map<Path, Inode> now = new HashMap<>();
  private Watcher watcher = () -> {};
  private boolean flushesFiles = true;
  private boolean flushesDirectories = true;

  /**
   * An empty disk.
   *
   * @param base an empty directory, which stays
   */
  LossyDisk(Path base) {
    this.base = base;
    now.put(base, root);
  }

  LossyDisk watchedBy(Watcher steps) {
    watcher = steps;
    return this;
  }

  /** A disk that lies: it says that files are flushed, and they are not. */
  LossyDisk withoutFlushOfFiles() {
    flushesFiles = false;
    return this;
  }

  /** A disk that lies about directories. */
  LossyDisk withoutFlushOfDirectories() {
    flushesDirectories = false;
    return this;
  }

  /** The files that a power cut at this moment leaves, below the base; dice say which. */
  Map<Path, byte[]> afterPowerCut(Random dice) {
    Map<Path, byte[]> left = new TreeMap<>();
    leave(root, dice, left);
    return left;
  }

  private static void leave(Inode directory, Random dice, Map<Path, byte[]> left) {
    directory.names.forEach(
        (path, history) -> {
          Inode inode = history.get(dice.nextInt(history.size()));
          if (inode != null && inode.directory) {
            leave(inode, dice, left);
          } else if (inode != null) {
            left.put(path, content(inode, dice));
          }
        });
  }

  private static byte[] content(Inode file, Random dice) {
    int shorter = Math.min(file.flushed.length, file.content.length);
    int longer = Math.max(file.flushed.length, file.content.length);
    byte[] left = new byte[shorter + dice.nextInt(longer - shorter + 1)];
    boolean written = dice.nextBoolean();
    for (int i = 0; i < left.length; i++) {
      written ^= dice.nextInt(8) == 0;
      byte[] from = written ? file.content : file.flushed;
      left[i] = i < from.length ? from[i] : 0;
    }
    return left;
  }

  private void set(Path path, Inode inode) {
    now.get(path.getParent())
        .names
        .computeIfAbsent(path, unknown -> new ArrayList<>(Arrays.asList((Inode) null)))
        .add(inode);
    if (inode == null) {
      now.remove(path);
    } else {
      now.put(path, inode);
    }
  }

  /** What is done on the real disk. */
  private interface Step<T> {
    T run() throws IOException;
  }

  private <T> T step(Step<T> step) throws IOException {
    watcher.step();
    T result = step.run();
    watcher.step();
    return result;
  }

  @Override
  public NewFile create(Path path) throws IOException {
    return step(
        () -> {
          NewFile file = real.create(path);
          Inode inode = new Inode(false);
          set(path, inode);
          return new LossyFile(file, inode);
        });
  }

  @Override
  public NewFile reuse(Path path) throws IOException {
    return step(() -> new LossyFile(real.reuse(path), now.get(path)));
  }

  @Override
  public void truncate(Path path) throws IOException {
    step(
        () -> {
          real.truncate(path);
          Inode inode = now.get(path);
          inode.content = new byte[0];
          return null;
        });
  }

  @Override
  public void move(Path from, Path to) throws IOException {
    step(
        () -> {
          real.move(from, to);
          Inode inode = now.get(from);
          set(from, null);
          set(to, inode);
          return null;
        });
  }

  @Override
  public boolean delete(Path file) throws IOException {
    return step(
        () -> {
          boolean there = real.delete(file);
          if (there) {
            set(file, null);
          }
          return there;
        });
  }

  @Override
  public boolean isDirectory(Path path) {
    return real.isDirectory(path);
  }

  @Override
  public long freeBytes(Path directory) {
    return Long.MAX_VALUE;
  }

  @Override
  public void makeDirectory(Path path) throws IOException {
    step(
        () -> {
          real.makeDirectory(path);
          set(path, new Inode(true));
          return null;
        });
  }

  @Override
  public void flushDirectory(Path path) throws IOException {
    step(
        () -> {
          real.flushDirectory(path);
          if (flushesDirectories && path.startsWith(base)) {
            now.get(path)
                .names
                .values()
                .forEach(history -> history.subList(0, history.size() - 1).clear());
          }
          return null;
        });
  }

  private final class LossyFile implements NewFile {
    private final NewFile file;
    private final Inode inode;
    private int written;

    LossyFile(NewFile file, Inode inode) {
      this.file = file;
      this.inode = inode;
    }

    @Override
    public void write(byte[] octets, int offset, int length) throws IOException {
      step(
          () -> {
            file.write(octets, offset, length);
            int end = Math.max(inode.content.length, written + length);
            inode.content = Arrays.copyOf(inode.content, end);
            System.arraycopy(octets, offset, inode.content, written, length);
            written += length;
            return null;
          });
    }

    @Override
    public void cut() throws IOException {
      step(
          () -> {
            file.cut();
            inode.content = Arrays.copyOf(inode.content, written);
            return null;
          });
    }

    @Override
    public void flush() throws IOException {
      step(
          () -> {
            file.flush();
            if (flushesFiles) {
              inode.flushed = inode.content.clone();
            }
            return null;
          });
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
