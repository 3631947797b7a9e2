package io.postern.protocol.pop3;

import java.util.BitSet;
import java.util.concurrent.CompletionStage;

/**
 * One mailbox's messages as they were at login, oldest first, counted from 0. Calls come from the
 * session's event loop, and stages complete there; they fail with {@link MaildropException}.
 */
public interface Maildrop {
  int count();

  /** The unique id (RFC 1939, UIDL): 1 to 70 octets from 0x21 to 0x7E, the same for ever. */
  String uid(int index);

  /** The message's exact size in octets. */
  long sizeBytes(int index);

  /**
   * Opens a message. Completes once its first piece is known to be good, so that a message that is
   * gone or damaged at its beginning can be refused.
   */
  CompletionStage<MessageStream> open(int index);

  /** Removes messages for good. Where it fails, some of them may be left. */
  CompletionStage<Void> delete(BitSet indexes);

  /** Lets go of everything, keys above all. */
  void close();
}
