package io.postern.mailbox;

import java.time.Instant;

/**
 * A mailbox as everyone may know it; nothing here is secret. Its JSON form is {@code mailbox.json}
 * and the public part of the record in topic {@code postern.mailboxes}.
 *
 * @param id a ULID, lower case
 * @param address normalised: see {@link Address}
 * @param recipient the age recipient that its mail is sealed to
 * @param state whether it takes mail; it can be pulled in either state
 * @param created when
 */
public record Mailbox(String id, String address, String recipient, State state, Instant created) {
  /** Whether new mail is accepted. */
  public enum State {
    ACTIVE,
    /** Mail gets a temporary refusal; what is there can still be pulled. */
    SUSPENDED
  }
}
