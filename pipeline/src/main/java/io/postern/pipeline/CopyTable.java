package io.postern.pipeline;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What is known of millions of message copies, in {@value #BYTES_EACH} octets each at most. An
 * entry without a mailbox is about the message as a whole. Not thread-safe.
 */
public final class CopyTable {
  /** What may be known of a copy. */
  public enum Sign {
    ACCEPTED,
    SEALED,
    STORED,
    DELETED,
    DEAD,
    /** It lies in a topic, before the eyes of a worker that has not finished it. */
    UNDER_WAY,
    /** It lies in the object store. */
    OBJECT,
    /** There is more than one object of it. */
    TWICE,
    /** Its object is not as large as the ledger says. */
    WRONG_SIZE,
    /** Its object has a size that no sealed message has. */
    IMPOSSIBLE_SIZE,
    /** A complete attempt at it lies in {@code sealed}. */
    IN_SEALED,
    /** A complete attempt at it lies in {@code raw}. */
    IN_RAW,
    /** A replay has put it back. */
    PUT_BACK
  }

  /** Why no more entries are taken: the caller looks at fewer messages at a time. */
  public static final class FullException extends RuntimeException {
    FullException(int limit) {
      super("more than " + limit + " copies");
    }
  }

  /** What the callback of {@link #forEach} sees, valid during the call. */
  public final class Entry {
    private int place;

    public String messageId() {
      return Ulids.text(uppers[place], lowers[place]);
    }

    /** Null where the entry is about the whole message. */
    public String mailboxId() {
      return mailboxes[place] == MESSAGE ? null : mailboxIds.get(mailboxes[place]);
    }

    public boolean has(Sign sign) {
      return (signs[place] & 1 << sign.ordinal()) != 0;
    }

    public int number() {
      return numbers[place];
    }
  }

  /**
   * Two longs, two ints and a short; tables are up to half empty, and two of them while growing.
   */
  public static final int BYTES_EACH = 80;

  private static final int FIRST_CAPACITY = 1024;
  private static final int MESSAGE = -1;

  private final int limit;
  private final List<String> mailboxIds = new ArrayList<>();
  private final Map<String, Integer> mailboxNumbers = new HashMap<>();
  private final Entry cursor = new Entry();

  // Open addressing with linear probing; a place without signs is free.
  private long[] uppers = new long[FIRST_CAPACITY];
  private long[] lowers = new long[FIRST_CAPACITY];
  private int[] mailboxes = new int[FIRST_CAPACITY];
  private int[] numbers = new int[FIRST_CAPACITY];
  private short[] signs = new short[FIRST_CAPACITY];
  private int size;

  /** A table that takes so many entries at most. */
  public CopyTable(int limit) {
    this.limit = limit;
  }

  /** As many entries as fit into a quarter of the heap. */
  public static int fittingLimit() {
    return (int) Math.min(Runtime.getRuntime().maxMemory() / 4 / BYTES_EACH, Integer.MAX_VALUE / 4);
  }

  /**
   * Notes a sign.
   *
   * @param messageId a ULID
   * @param mailboxId null where it is about the whole message
   */
  public void mark(String messageId, String mailboxId, Sign sign) {
    int place = place(messageId, mailboxId);
    if (signs[place] == 0) {
      place = insert(place, messageId, mailboxId);
    }
    signs[place] |= (short) (1 << sign.ordinal());
  }

  /** Takes a sign back, where another one is left. */
  public void unmark(String messageId, String mailboxId, Sign sign) {
    int place = place(messageId, mailboxId);
    int left = signs[place] & ~(1 << sign.ordinal());
    if (left != 0) {
      signs[place] = (short) left;
    }
  }

  public boolean has(String messageId, String mailboxId, Sign sign) {
    return (signs[place(messageId, mailboxId)] & 1 << sign.ordinal()) != 0;
  }

  /** Whether anything is known. */
  public boolean contains(String messageId, String mailboxId) {
    return signs[place(messageId, mailboxId)] != 0;
  }

  /** A number that is kept with an entry that is there: what it means is the caller's. */
  public void number(String messageId, String mailboxId, int number) {
    int place = place(messageId, mailboxId);
    if (signs[place] != 0) {
      numbers[place] = number;
    }
  }

  /** That number; 0 where there is none. */
  public int number(String messageId, String mailboxId) {
    return numbers[place(messageId, mailboxId)];
  }

  public int size() {
    return size;
  }

  /** Shows every entry, in no order. The table may not grow meanwhile. */
  public void forEach(Consumer<Entry> see) {
    for (int place = 0; place < signs.length; place++) {
      if (signs[place] != 0) {
        cursor.place = place;
        see.accept(cursor);
      }
    }
  }

  private int insert(int free, String messageId, String mailboxId) {
    if (size == limit) {
      throw new FullException(limit);
    }
    int place = free;
    if (++size > signs.length / 4 * 3) {
      grow();
      place = place(messageId, mailboxId);
    }
    uppers[place] = Ulids.upperBits(messageId);
    lowers[place] = Ulids.lowerBits(messageId);
    mailboxes[place] = mailbox(mailboxId);
    numbers[place] = 0;
    return place;
  }

  private int mailbox(String mailboxId) {
    if (mailboxId == null) {
      return MESSAGE;
    }
    return mailboxNumbers.computeIfAbsent(
        mailboxId,
        id -> {
          mailboxIds.add(id);
          return mailboxIds.size() - 1;
        });
  }

  /** Where the entry lies, or the free place where it belongs. */
  private int place(String messageId, String mailboxId) {
    return place(Ulids.upperBits(messageId), Ulids.lowerBits(messageId), mailbox(mailboxId));
  }

  private int place(long upper, long lower, int mailbox) {
    int mask = signs.length - 1;
    long mixed = (lower ^ upper ^ (long) mailbox << 40) * 0x9e3779b97f4a7c15L;
    int place = (int) (mixed >>> 32) & mask;
    while (signs[place] != 0
        && (lowers[place] != lower || uppers[place] != upper || mailboxes[place] != mailbox)) {
      place = place + 1 & mask;
    }
    return place;
  }

  private void grow() {
    long[] oldUppers = uppers;
    long[] oldLowers = lowers;
    int[] oldMailboxes = mailboxes;
    int[] oldNumbers = numbers;
    short[] oldSigns = signs;
    int capacity = 2 * oldSigns.length;
    uppers = new long[capacity];
    lowers = new long[capacity];
    mailboxes = new int[capacity];
    numbers = new int[capacity];
    signs = new short[capacity];
    for (int old = 0; old < oldSigns.length; old++) {
      if (oldSigns[old] != 0) {
        int place = place(oldUppers[old], oldLowers[old], oldMailboxes[old]);
        uppers[place] = oldUppers[old];
        lowers[place] = oldLowers[old];
        mailboxes[place] = oldMailboxes[old];
        numbers[place] = oldNumbers[old];
        signs[place] = oldSigns[old];
      }
    }
  }
}
