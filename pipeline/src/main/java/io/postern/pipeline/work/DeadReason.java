package io.postern.pipeline.work;

import java.util.List;

/**
 * Why something could not be processed and waiting does not help.
 *
 * @param category for alarms and replays
 * @param text one line for people; nothing of the message, no address
 * @param mailboxIds the copies that are concerned; empty where it is the whole message
 */
public record DeadReason(Category category, String text, List<String> mailboxIds) {
  /** The kinds of dead letters. */
  public enum Category {
    /** The record is not a slice. */
    MALFORMED,
    /** No transit identity here opens it: an old transit key is missing. */
    TRANSIT_KEY,
    /** What was sealed does not open to its end, or holds no envelope. */
    DAMAGED,
    /** The receiving mailbox is gone. */
    NO_MAILBOX,
    /** The object store refuses to hold it. */
    REFUSED,
    /** A defect of ours. */
    INTERNAL
  }

  public static DeadReason of(Category category, String text) {
    return new DeadReason(category, text, List.of());
  }
}
