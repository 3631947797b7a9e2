package io.postern.age;

import java.util.Arrays;

/**
 * Puts a file into ASCII armor, in pieces of any size (C2SP age.md, "ASCII armor"): the sink that a
 * {@link Sealer} writes to. Writes line by line. Not thread-safe.
 */
public final class ArmorWriter implements Sink {
  private static final int OCTETS_PER_LINE = ArmorReader.LINE_LENGTH / 4 * 3;
  private static final byte[] LINE_END = {'\n'};

  private final Sink armored;
  private final ChunkBuffer line = new ChunkBuffer(OCTETS_PER_LINE);
  private boolean started;

  public ArmorWriter(Sink armored) {
    this.armored = armored;
  }

  @Override
  public void write(byte[] sealed, int offset, int length) {
    start();
    int end = offset + length;
    for (int at = offset; at < end; ) {
      at += line.fill(sealed, at, end - at);
      if (line.isFull()) {
        writeLine();
      }
    }
  }

  /** Writes what is left and the END line. */
  public void finish() {
    start();
    if (!line.isEmpty()) {
      writeLine();
    }
    writeLine(ArmorReader.END);
  }

  private void start() {
    if (!started) {
      started = true;
      writeLine(ArmorReader.BEGIN);
    }
  }

  private void writeLine() {
    byte[] octets = Arrays.copyOf(line.octets(), line.length());
    line.clear();
    writeLine(CanonicalBase64.PADDED.encode(octets));
  }

  private void writeLine(byte[] text) {
    armored.write(text, 0, text.length);
    armored.write(LINE_END, 0, 1);
  }
}
