package io.postern.mailbox;

import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/**
 * Everything that is kept about a mailbox: the value of its record in the compacted topic. The
 * arrays are not copied: do not change them.
 *
 * @param mailbox the public part
 * @param identity {@code identity.age}: its identity, sealed with its password
 * @param recoveryIdentity {@code identity.recovery.age}: the same, sealed to the recovery recipient
 *     that was set when the mailbox was made
 */
public record MailboxRecord(Mailbox mailbox, byte[] identity, Optional<byte[]> recoveryIdentity) {
  MailboxRecord withIdentity(byte[] changed) {
    return new MailboxRecord(mailbox, changed, recoveryIdentity);
  }

  MailboxRecord withState(Mailbox.State state) {
    return new MailboxRecord(
        new Mailbox(mailbox.id(), mailbox.address(), mailbox.recipient(), state, mailbox.created()),
        identity,
        recoveryIdentity);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MailboxRecord o
        && mailbox.equals(o.mailbox)
        && Arrays.equals(identity, o.identity)
        && Arrays.equals(recoveryIdentity.orElse(null), o.recoveryIdentity.orElse(null));
  }

  @Override
  public int hashCode() {
    return Objects.hash(mailbox, Arrays.hashCode(identity));
  }

  @Override
  public String toString() {
    return "MailboxRecord[" + mailbox.id() + "]";
  }
}
