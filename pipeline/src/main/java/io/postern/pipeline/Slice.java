package io.postern.pipeline;

import java.util.List;

/**
 * A piece of one message's age file as it travels through {@code raw} or {@code sealed}.
 *
 * @param messageId whose piece
 * @param mailboxIds on {@code raw} all receiving mailboxes, on the first slice only; on {@code
 *     sealed} the one whose copy this is, on every slice
 * @param attempt tells apart the slices of several tries to send the same message
 * @param sequence 0, 1, 2 … without a gap
 * @param mark whether more follows
 * @param transitKey which transit key a raw message is sealed to, on its first slice; else empty
 * @param headerLength octets of the age file's header text, on the first slice of a sealed copy;
 *     else 0
 * @param octets at most {@link #MAX_BYTES}, not copied; none only keeps a slow message alive
 */
public record Slice(
    String messageId,
    List<String> mailboxIds,
    String attempt,
    int sequence,
    Mark mark,
    String transitKey,
    int headerLength,
    byte[] octets) {

  /** Whether more follows. */
  public enum Mark {
    MORE,
    /**
     * The message is complete with this slice, and whether it counts is still open: a slice that
     * says so follows, and until then slices without octets with the same mark.
     */
    PREPARED,
    /** The message is complete with this slice. */
    LAST,
    /** The sender took the message back: all slices of this attempt are void. */
    ABORTED
  }

  /** The most that a raw slice may carry; a sealed one may be larger by what sealing adds. */
  public static final int MAX_BYTES = 512 * 1024;

  public static Slice raw(
      String messageId,
      List<String> mailboxIds,
      String attempt,
      int sequence,
      Mark mark,
      String transitKey,
      byte[] octets) {
    boolean first = sequence == 0;
    return new Slice(
        messageId,
        first ? mailboxIds : List.of(),
        attempt,
        sequence,
        mark,
        first ? transitKey : "",
        0,
        octets);
  }

  public static Slice sealed(
      String messageId,
      String mailboxId,
      String attempt,
      int sequence,
      Mark mark,
      int headerLength,
      byte[] octets) {
    return new Slice(
        messageId,
        List.of(mailboxId),
        attempt,
        sequence,
        mark,
        "",
        sequence == 0 ? headerLength : 0,
        octets);
  }

  public boolean isFirst() {
    return sequence == 0;
  }

  public boolean isLast() {
    return mark == Mark.LAST;
  }

  public boolean isPrepared() {
    return mark == Mark.PREPARED;
  }

  public boolean isAborted() {
    return mark == Mark.ABORTED;
  }
}
