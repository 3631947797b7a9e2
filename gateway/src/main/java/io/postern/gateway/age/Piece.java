package io.postern.gateway.age;

/**
 * Octets on their way from one thread to another, and a place for the next ones on the way back.
 */
final class Piece {
  /** Large enough that handing one over costs nothing beside what is done with it. */
  private static final int LENGTH = 256 * 1024;

  /** How many are on the way at most: one in each hand, and two between. */
  static final int COUNT = 4;

  final byte[] octets = new byte[LENGTH];

  /** How many octets it holds. */
  int length;

  /** Whether none follows. */
  boolean last;
}
