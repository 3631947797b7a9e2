package io.postern.proxy.pop3;

import io.postern.protocol.Tls;

/** What client and mail server have agreed upon so far. */
final class Session {
  Tls tls;

  /** As whom the client has logged in, or is about to; empty until it has said. */
  String user = "";
}
