package io.postern.proxy;

import java.util.concurrent.CompletionStage;

/** Which messages of which accounts have been copied already. Never blocks. */
public interface Copied {
  /**
   * Whether a copy exists.
   *
   * @param account of the mail server, as its user names it
   * @param uidl the message's unique id (RFC 1939, section 7)
   */
  boolean contains(String account, String uidl);

  /**
   * Remembers a copy; where that fails, the message will be copied once more.
   *
   * @param messageId of the copy
   * @return completes on the connection's event loop, never exceptionally, once it is remembered
   *     also where this process dies, or cannot be
   */
  CompletionStage<Void> add(String account, String uidl, String messageId);
}
