package io.postern.protocol.pop3;

import java.util.ArrayList;
import java.util.List;

/** What CAPA lists (RFC 2449, section 6). */
final class Capabilities {
  private Capabilities() {}

  /** In clear there is no way to log in, so none is offered; behind TLS there is no second TLS. */
  static List<String> of(boolean tls) {
    List<String> capabilities = new ArrayList<>();
    if (tls) {
      capabilities.add("USER");
      capabilities.add("SASL PLAIN"); // RFC 5034, section 3
    } else {
      capabilities.add("STLS"); // RFC 2595, section 4
    }
    capabilities.add("TOP");
    capabilities.add("UIDL");
    capabilities.add("PIPELINING");
    capabilities.add("RESP-CODES");
    capabilities.add("AUTH-RESP-CODE"); // RFC 3206, section 6
    capabilities.add("UTF8 USER"); // RFC 6856, section 2.2
    capabilities.add("EXPIRE NEVER");
    capabilities.add("IMPLEMENTATION Postern");
    return capabilities;
  }
}
