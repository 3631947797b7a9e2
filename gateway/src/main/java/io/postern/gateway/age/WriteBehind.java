package io.postern.gateway.age;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Writes to a stream on a thread of its own while what comes next is made. A failure is thrown by
 * one of the calls that follow, at the latest by {@link #finish}. The stream stays the caller's to
 * close.
 */
final class WriteBehind {
  private final OutputStream out;
  private final BlockingQueue<Piece> empty = new ArrayBlockingQueue<>(Piece.COUNT);
  private final BlockingQueue<Piece> full = new ArrayBlockingQueue<>(Piece.COUNT);
  private final Thread thread = new Thread(this::writeAll, "age-write");
  private volatile IOException failure;
  private Piece filling = new Piece();
  private boolean finished;

  WriteBehind(OutputStream out) {
    this.out = out;
    for (int i = 1; i < Piece.COUNT; i++) {
      empty.add(new Piece());
    }
    thread.setDaemon(true);
    thread.start();
  }

  void write(byte[] octets, int offset, int length) throws IOException {
    int at = offset;
    int end = offset + length;
    while (at < end) {
      if (filling.length == filling.octets.length) {
        handOver();
      }
      int count = Math.min(end - at, filling.octets.length - filling.length);
      System.arraycopy(octets, at, filling.octets, filling.length, count);
      filling.length += count;
      at += count;
    }
    throwFailure();
  }

  /** All is given: waits until it is written. Called again it does nothing, and fails no more. */
  void finish() throws IOException {
    if (finished) {
      return;
    }
    finished = true;
    filling.last = true;
    handOver();
    throwFailure();
  }

  private void handOver() throws IOException {
    try {
      full.put(filling);
      if (finished) {
        thread.join();
      } else {
        filling = empty.take();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    }
  }

  private void throwFailure() throws IOException {
    if (failure != null) {
      throw failure;
    }
  }

  private void writeAll() {
    try {
      boolean last;
      do {
        Piece piece = full.take();
        write(piece);
        last = piece.last; // Given back, it may become the last one that is handed over.
        piece.length = 0;
        empty.put(piece);
      } while (!last);
    } catch (InterruptedException e) {
      failure = new InterruptedIOException();
    }
  }

  /** After a failure nothing more is written, but taken, so that nobody waits. */
  private void write(Piece piece) {
    if (failure != null) {
      return;
    }
    try {
      out.write(piece.octets, 0, piece.length);
      if (piece.last) {
        out.flush();
      }
    } catch (IOException e) {
      failure = e;
    } catch (RuntimeException e) {
      failure = new IOException(e);
    }
  }
}
