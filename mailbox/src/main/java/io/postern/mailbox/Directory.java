package io.postern.mailbox;

import java.util.Optional;

/** Who has a mailbox here. Reads memory only: fit for an event loop. */
public interface Directory {
  /** By address as a peer wrote it (normalised here). */
  Optional<Mailbox> byAddress(String address);

  /** By address, or by local part alone where just one mailbox has it. */
  Optional<Mailbox> byLogin(String login);

  Optional<Mailbox> byId(String id);

  /** The passphrase-sealed identity file, {@code identity.age}. */
  Optional<byte[]> identity(String mailboxId);

  /**
   * The identity file of some mailbox: what a login to a mailbox that does not exist is tried
   * against, so that it takes as long as to one that does. Empty where there is no mailbox.
   */
  Optional<byte[]> anyIdentity();

  /** False until the view has caught up with the topic once: answer "temporary" till then. */
  boolean ready();

  /**
   * Whether there is no mailbox at all, as after a loss of Kafka, or whether those that there are
   * have not been read to the last.
   */
  boolean isEmpty();

  /**
   * Whether somebody who is not found here has no mailbox. Where nobody has one, they may have been
   * lost and come back by a recovery: answer "temporary" till then, so that no mail is refused for
   * good that somebody waits for.
   */
  default boolean isConclusive() {
    return ready() && !isEmpty();
  }
}
