package io.postern.protocol;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Looks for octets in arrays, at eight at once: in mail the wanted ones are rare. */
final class EightOctets {
  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;

  private EightOctets() {}

  /** Where the first {@code wanted} stands, or {@code end}. */
  static int find(byte wanted, byte[] array, int from, int end) {
    int at = from;
    for (; at <= end - Long.BYTES; at += Long.BYTES) {
      long hits = below(1, (long) EIGHT.get(array, at) ^ (ONES * (wanted & 0xff)));
      if (hits != 0) {
        return at + Long.numberOfTrailingZeros(hits) / Byte.SIZE;
      }
    }
    while (at < end && array[at] != wanted) {
      at++;
    }
    return at;
  }

  /**
   * Where the first octet below {@code limit} stands, or {@code end}.
   *
   * @param limit 128 at most; octets are unsigned
   */
  static int findBelow(int limit, byte[] array, int from, int end) {
    int at = from;
    for (; at <= end - Long.BYTES; at += Long.BYTES) {
      long hits = below(limit, (long) EIGHT.get(array, at));
      if (hits != 0) {
        return at + Long.numberOfTrailingZeros(hits) / Byte.SIZE;
      }
    }
    while (at < end && (array[at] & 0xff) >= limit) {
      at++;
    }
    return at;
  }

  /**
   * The highest bit of each octet below a limit; behind the first such octet also of some that are
   * not.
   */
  private static long below(int limit, long octets) {
    return (octets - ONES * limit) & ~octets & (ONES << 7);
  }
}
