package io.postern.proxy;

/** How the way to a mail server is protected. */
public enum UpstreamTls {
  /** Not at all: to this machine only, where nobody listens in. */
  NONE,
  /** By STARTTLS (RFC 3207) or STLS (RFC 2595), or no mail passes. */
  STARTTLS,
  /** By a handshake that comes first (RFC 8314). */
  IMPLICIT
}
