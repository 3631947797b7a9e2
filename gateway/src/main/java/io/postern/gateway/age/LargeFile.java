package io.postern.gateway.age;

import static io.postern.age.ChunkOpener.CHUNK_LENGTH;
import static io.postern.age.ChunkOpener.MAX_HEAD_LENGTH;
import static io.postern.age.ChunkOpener.SEALED_CHUNK_LENGTH;

import io.postern.age.ChunkOpener;
import io.postern.age.ChunkSealer;
import io.postern.age.Identity;
import io.postern.age.Sealer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Seals or opens a large file into another, each chunk at its place, on as many threads as there
 * are cores, with memory for two chunks each. As with a stream, the output is opened when the first
 * octets for it are there, and ends with the last ones before a failure.
 */
final class LargeFile implements AutoCloseable {
  /** Octets. Below, threads would not pay, and there are files that tell a wrong length. */
  private static final long MIN_LENGTH = 2 * MAX_HEAD_LENGTH;

  /**
   * Octets. For what is written at a multiple of its length the kernel takes memory in one piece.
   * Pieces of this length it has at hand; larger ones often cost it two seconds for a gigabyte.
   */
  private static final int PIECE_LENGTH = 32 * 1024;

  private static final int MIN_THREADS = 2;
  private static final int MAX_THREADS = 4;

  /** Where the chunks of a file are. */
  private record Layout(int offset, int chunkLength) {
    long position(long index) {
      return offset + index * chunkLength;
    }
  }

  /** What is done with a chunk; what {@code to} has got by then is written also on failure. */
  private interface Work {
    void run(long index, boolean last, ByteBuffer from, ByteBuffer to) throws IOException;
  }

  private final Path input;
  private final Path output;
  private final FileChannel in;
  private final long length;
  private FileChannel out;

  private final AtomicLong next = new AtomicLong();

  /** Chunks from here on are not to be done. */
  private volatile long end;

  private Throwable failure;
  private long lengthBeforeFailure;

  LargeFile(Path input, Path output) throws IOException {
    this.input = input;
    this.output = output;
    this.in = FileChannel.open(input, StandardOpenOption.READ);
    this.length = in.size();
  }

  /** Whether these are regular files, or the second one is not there yet, and large enough. */
  static boolean suits(Path input, Path output) throws IOException {
    return Files.isRegularFile(input)
        && Files.size(input) >= MIN_LENGTH
        && (Files.isRegularFile(output) || Files.notExists(output));
  }

  void seal(Sealer sealer) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    ChunkSealer chunks = sealer.byChunk(head::write);
    write(ByteBuffer.wrap(head.toByteArray()), 0);
    run(
        new Layout(0, CHUNK_LENGTH),
        new Layout(head.size(), SEALED_CHUNK_LENGTH),
        () -> chunks.another()::seal);
  }

  void open(List<Identity> identities) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(MAX_HEAD_LENGTH);
    read(head, 0);
    ChunkOpener chunks = ChunkOpener.of(head.array(), identities);
    run(
        new Layout(chunks.headLength(), SEALED_CHUNK_LENGTH),
        new Layout(0, CHUNK_LENGTH),
        () -> chunks.another()::open);
  }

  private void run(Layout from, Layout to, Supplier<Work> works) throws IOException {
    long count = Math.max(1, (length - from.offset + from.chunkLength - 1) / from.chunkLength);
    end = count;
    int threadCount =
        Math.max(MIN_THREADS, Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors()));
    List<Lane> lanes =
        Stream.generate(() -> new Lane(from, to, works.get(), count - 1))
            .limit(threadCount)
            .toList();
    // The output is opened before there are several who would.
    lanes.get(0).run(next.getAndIncrement());
    List<Thread> threads = lanes.stream().map(lane -> new Thread(lane, "age-chunks")).toList();
    threads.forEach(Thread::start);
    join(threads);
    if (failure == null && in.size() != length) {
      fail(count - 1, to.position(count - 1), changed());
    }
    throwFailure();
  }

  private static void join(List<Thread> threads) throws InterruptedIOException {
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    }
  }

  /** Does one chunk after the other on a thread of its own. */
  private final class Lane implements Runnable {
    private final Layout from;
    private final Layout to;
    private final Work work;
    private final long last;
    private final ByteBuffer taken;
    private final ByteBuffer made;

    Lane(Layout from, Layout to, Work work, long last) {
      this.from = from;
      this.to = to;
      this.work = work;
      this.last = last;
      this.taken = ByteBuffer.allocateDirect(from.chunkLength);
      this.made = ByteBuffer.allocateDirect(to.chunkLength);
    }

    @Override
    public void run() {
      for (long index = next.getAndIncrement(); index < end; index = next.getAndIncrement()) {
        run(index);
      }
    }

    private void run(long index) {
      long written = to.position(index);
      try {
        long start = from.position(index);
        taken.clear().limit((int) Math.max(0, Math.min(from.chunkLength, length - start)));
        made.clear();
        read(taken, start);
        try {
          work.run(index, index == last, taken.flip(), made);
        } finally {
          write(made.flip(), written);
          written += made.limit();
        }
      } catch (IOException | RuntimeException | Error e) {
        fail(index, written, e);
      }
    }
  }

  private void read(ByteBuffer into, long position) throws IOException {
    while (into.hasRemaining()) {
      if (in.read(into, position + into.position()) < 0) {
        throw changed();
      }
    }
  }

  private void write(ByteBuffer octets, long position) throws IOException {
    if (out == null && octets.hasRemaining()) {
      out =
          FileChannel.open(
              output,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE);
    }
    int end = octets.limit();
    while (octets.position() < end) {
      long at = position + octets.position();
      int most = at % PIECE_LENGTH == 0 ? PIECE_LENGTH : end;
      octets.limit(Math.min(end, octets.position() + most));
      out.write(octets, at);
    }
  }

  private IOException changed() {
    return new FileSystemException(
        input.toString(), null, "its length has changed while it was read");
  }

  /** The first failure in the file counts, not in time. */
  private synchronized void fail(long index, long written, Throwable e) {
    if (index < end) {
      end = index;
      lengthBeforeFailure = written;
      failure = e;
    }
  }

  private void throwFailure() throws IOException {
    if (failure == null) {
      return;
    }
    if (out != null) {
      out.truncate(lengthBeforeFailure);
    }
    if (failure instanceof IOException io) {
      throw io;
    }
    throw new IOException(failure);
  }

  @Override
  public void close() throws IOException {
    try (in) {
      if (out != null) {
        out.close();
      }
    }
  }
}
