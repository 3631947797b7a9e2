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
    return find(wanted, wanted, array, from, end);
  }

  /** Where the first of {@code one} and {@code other} stands, or {@code end}. */
  static int find(byte one, byte other, byte[] array, int from, int end) {
    int at = from;
    for (; at <= end - Long.BYTES; at += Long.BYTES) {
      long eight = (long) EIGHT.get(array, at);
      long hits = zeros(eight ^ (ONES * (one & 0xff))) | zeros(eight ^ (ONES * (other & 0xff)));
      if (hits != 0) {
        return at + Long.numberOfTrailingZeros(hits) / Byte.SIZE;
      }
    }
    while (at < end && array[at] != one && array[at] != other) {
      at++;
    }
    return at;
  }

  /**
   * The highest bit of each octet that is zero; behind the first such octet also of some that are
   * not.
   */
  private static long zeros(long octets) {
    return (octets - ONES) & ~octets & (ONES << 7);
  }
}
