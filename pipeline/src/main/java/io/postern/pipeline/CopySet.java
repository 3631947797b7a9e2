package io.postern.pipeline;

/**
 * A set of message copies in 16 octets each: a ledger read after a crash can name millions. Both
 * ids are ULIDs, so what is kept tells copies apart as surely as the ids do. Not thread-safe.
 */
public final class CopySet {
  private static final int FIRST_CAPACITY = 1024;

  /** Pairs of longs, open addressing with linear probing; (0, 0) is an empty place. */
  private long[] table = new long[2 * FIRST_CAPACITY];

  private int size;

  /** Adds a copy; false where it was there. */
  public boolean add(String messageId, String mailboxId) {
    long upper = upper(messageId, mailboxId);
    long lower = lower(messageId, mailboxId);
    int place = place(upper, lower);
    if (!isFree(place)) {
      return false;
    }
    table[place] = upper;
    table[place + 1] = lower;
    if (++size > table.length / 4) {
      grow();
    }
    return true;
  }

  public boolean contains(String messageId, String mailboxId) {
    return !isFree(place(upper(messageId, mailboxId), lower(messageId, mailboxId)));
  }

  public int size() {
    return size;
  }

  private boolean isFree(int place) {
    return table[place] == 0 && table[place + 1] == 0;
  }

  /** Where the pair lies, or the free place where it belongs. */
  private int place(long upper, long lower) {
    int mask = table.length - 2;
    // Both parts end in random bits; the multiplication spreads those of ids made in one run.
    int place = (int) ((lower ^ upper) * 0x9e3779b97f4a7c15L >>> 33) << 1 & mask;
    while (!isFree(place) && (table[place] != upper || table[place + 1] != lower)) {
      place = place + 2 & mask;
    }
    return place;
  }

  private void grow() {
    long[] old = table;
    table = new long[2 * old.length];
    for (int i = 0; i < old.length; i += 2) {
      if (old[i] != 0 || old[i + 1] != 0) {
        int place = place(old[i], old[i + 1]);
        table[place] = old[i];
        table[place + 1] = old[i + 1];
      }
    }
  }

  private static long upper(String messageId, String mailboxId) {
    return Ulids.upperBits(messageId) ^ Long.rotateLeft(Ulids.lowerBits(mailboxId), 17);
  }

  private static long lower(String messageId, String mailboxId) {
    return Ulids.lowerBits(messageId) ^ Long.rotateLeft(Ulids.upperBits(mailboxId), 31);
  }
}
