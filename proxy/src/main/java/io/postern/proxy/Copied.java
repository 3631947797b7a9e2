package io.postern.proxy;

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
   */
  void add(String account, String uidl, String messageId);
}
