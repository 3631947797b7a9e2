package io.postern.gateway.age;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Reads a stream on a thread of its own while what was read before is worked on. The stream stays
 * the caller's to close, after this.
 */
final class ReadAhead implements AutoCloseable {
  private final InputStream in;
  private final int beginning;
  private final BlockingQueue<Piece> empty = new ArrayBlockingQueue<>(Piece.COUNT);
  private final BlockingQueue<Piece> full = new ArrayBlockingQueue<>(Piece.COUNT);
  private final Thread thread = new Thread(this::readAll, "age-read");
  private Piece given;

  /** Written before the last piece is handed over, read after. */
  private IOException failure;

  /**
   * Begins to read.
   *
   * @param beginning how many octets to read before the first piece is given, where there are so
   *     many; at most a piece
   */
  ReadAhead(InputStream in, int beginning) {
    this.in = in;
    this.beginning = beginning;
    for (int i = 0; i < Piece.COUNT; i++) {
      empty.add(new Piece());
    }
    thread.setDaemon(true); // A read of a terminal or pipe cannot be broken off.
    thread.start();
  }

  /**
   * The next piece, which is the caller's until the next call; the last one may be empty, and none
   * may be asked for after it.
   */
  Piece next() throws IOException {
    try {
      if (given != null) {
        empty.put(given);
      }
      given = full.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    }
    if (given.last && failure != null) {
      throw failure;
    }
    return given;
  }

  private void readAll() {
    try {
      int atLeast = beginning;
      boolean last;
      do {
        Piece piece = empty.take();
        read(piece, atLeast);
        last = piece.last; // Once handed over it is the other thread's.
        atLeast = 0;
        full.put(piece);
      } while (!last);
    } catch (InterruptedException e) {
      // Nobody wants more.
    }
  }

  private void read(Piece piece, int atLeast) {
    piece.length = 0;
    try {
      piece.length = in.readNBytes(piece.octets, 0, atLeast);
      int count = in.read(piece.octets, piece.length, piece.octets.length - piece.length);
      piece.last = count < 0;
      piece.length += Math.max(0, count);
    } catch (IOException e) {
      failure = e;
      piece.last = true;
    } catch (RuntimeException e) {
      failure = new IOException(e);
      piece.last = true;
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
