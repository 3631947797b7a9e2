package io.postern.protocol.pop3;

import java.util.concurrent.CompletionStage;

/** The way from credentials to a maildrop. */
@FunctionalInterface
public interface Authenticator {
  /**
   * Logs in.
   *
   * @param user the mailbox's address, or its local part, as the peer wrote it
   * @param password the password's octets; the authenticator wipes them when it is done
   * @return the maildrop as it is now, on the session's event loop; fails with {@link
   *     MaildropException}
   */
  CompletionStage<Maildrop> login(String user, byte[] password);
}
