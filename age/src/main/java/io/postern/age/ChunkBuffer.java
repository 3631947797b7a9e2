package io.postern.age;

import java.util.Arrays;

/**
 * Gathers one chunk from pieces; grows with the content up to the chunk's full length. Behind the
 * content there is room for a tag, so that a chunk can be sealed where it stands.
 */
final class ChunkBuffer {
  private static final int INITIAL_LENGTH = 4096;

  /**
   * By doubling, outgrown arrays would come to as much as the chunk, and where senders are slow
   * they live long enough to fill the old generation.
   */
  private static final int GROWTH = 4;

  private final int limit;
  private final int tagLength;
  private byte[] octets;
  private int length;

  ChunkBuffer(int limit) {
    this(limit, 0);
  }

  ChunkBuffer(int limit, int tagLength) {
    this.limit = limit;
    this.tagLength = tagLength;
    this.octets = new byte[tagLength];
  }

  /** Takes as much of the piece as fits; says how much. */
  int fill(byte[] piece, int offset, int count) {
    int taken = Math.min(count, limit - length);
    ensureRoom(length + taken + tagLength);
    System.arraycopy(piece, offset, octets, length, taken);
    length += taken;
    return taken;
  }

  private void ensureRoom(int needed) {
    if (needed > octets.length) {
      // Beyond half of it only the whole pays: soon it would be outgrown again.
      int full = limit + tagLength;
      int wanted = Math.max(needed, Math.max(INITIAL_LENGTH, GROWTH * octets.length));
      byte[] larger = Arrays.copyOf(octets, wanted > full / 2 ? full : wanted);
      Arrays.fill(octets, (byte) 0);
      octets = larger;
    }
  }

  byte[] octets() {
    return octets;
  }

  /** The array, with room for so many octets and a tag. */
  byte[] room(int count) {
    ensureRoom(count + tagLength);
    return octets;
  }

  int length() {
    return length;
  }

  boolean isEmpty() {
    return length == 0;
  }

  boolean isFull() {
    return length == limit;
  }

  void clear() {
    length = 0;
  }

  void wipe() {
    Arrays.fill(octets, (byte) 0);
    length = 0;
  }
}
