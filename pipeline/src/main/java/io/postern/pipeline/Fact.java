package io.postern.pipeline;

import java.time.Instant;

/**
 * One fact in the ledger, keyed by message id.
 *
 * @param kind what happened
 * @param messageId the ULID
 * @param mailboxId whose copy, or null where it is about all of them ({@link Kind#DEAD})
 * @param at when
 * @param detail size, reason or the like, never anything of the message; may be null
 */
public record Fact(Kind kind, String messageId, String mailboxId, Instant at, String detail) {
  /**
   * The detail of {@link Kind#ACCEPTED} where a proxy's copy is kept without it being known whether
   * the mail server took the message.
   */
  public static final String UNCONFIRMED = "unconfirmed";

  public enum Kind {
    ACCEPTED,
    SEALED,
    STORED,
    FETCHED,
    DELETED,
    DEAD
  }
}
