package io.postern.pipeline;

/**
 * A bounded set of keys of 16 octets that are as good as random. When half of its bound is new, the
 * older half is forgotten; what is asked for or added again counts as new. Not thread-safe.
 */
final class CopiedSet {
  private final int halfSize;
  private Half young = new Half();
  private Half old = new Half();

  /** At most so many keys. */
  CopiedSet(int capacity) {
    if (capacity < 2) {
      throw new IllegalArgumentException("nothing could be remembered");
    }
    halfSize = capacity / 2;
  }

  void add(long upper, long lower) {
    if (young.size == halfSize) {
      old = young;
      young = new Half();
    }
    young.add(upper, lower);
  }

  boolean contains(long upper, long lower) {
    if (young.contains(upper, lower)) {
      return true;
    }
    boolean known = old.contains(upper, lower);
    if (known) {
      add(upper, lower);
    }
    return known;
  }

  /** Pairs of longs, open addressing with linear probing; (0, 0) is an empty place. */
  private static final class Half {
    private long[] table = new long[2 * 256];
    private int size;

    void add(long upper, long lower) {
      int place = place(upper, lower);
      if (table[place] != 0 || table[place + 1] != 0) {
        return;
      }
      table[place] = upper;
      table[place + 1] = lower;
      if (++size > table.length / 4) {
        grow();
      }
    }

    boolean contains(long upper, long lower) {
      int place = place(upper, lower);
      return table[place] != 0 || table[place + 1] != 0;
    }

    private int place(long upper, long lower) {
      int mask = table.length - 2;
      int place = (int) lower << 1 & mask;
      while ((table[place] != 0 || table[place + 1] != 0)
          && (table[place] != upper || table[place + 1] != lower)) {
        place = place + 2 & mask;
      }
      return place;
    }

    private void grow() {
      long[] former = table;
      table = new long[2 * former.length];
      for (int i = 0; i < former.length; i += 2) {
        if (former[i] != 0 || former[i + 1] != 0) {
          int place = place(former[i], former[i + 1]);
          table[place] = former[i];
          table[place + 1] = former[i + 1];
        }
      }
    }
  }
}
