package io.postern.proxy.smtp;

import io.postern.protocol.Tls;
import io.postern.proxy.Archive;

/** What client and mail server have agreed upon so far. */
final class Session {
  Tls tls;

  /** As the client has greeted; empty until the mail server has agreed. */
  String helo = "";

  boolean extended;
  boolean chunking;

  /** As whom the client has logged in; empty until it has. */
  String user = "";

  /** Null where none is open. */
  Transaction transaction;

  /** Behind a handshake everything starts anew: RFC 3207, section 4.2. */
  void secured(Tls now) {
    tls = now;
    helo = "";
    extended = false;
    chunking = false;
    user = "";
  }

  /** Where a message comes from; its protocol by RFC 3848, section 3. */
  Archive.Origin origin() {
    String protocol =
        !extended ? "SMTP" : "ESMTP" + (tls.on() ? "S" : "") + (user.isEmpty() ? "" : "A");
    return new Archive.Origin(transaction.from(), transaction.recipients(), helo, protocol, tls);
  }
}
