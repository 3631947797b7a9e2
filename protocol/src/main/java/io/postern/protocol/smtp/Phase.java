package io.postern.protocol.smtp;

/** How far a session has come. It follows from what the session holds; nothing sets it. */
enum Phase {
  /** Nobody has said hello, or not since the TLS handshake. */
  GREETED,
  /** Between two transactions. */
  READY,
  /** MAIL was accepted. */
  SENDER,
  /** So was at least one RCPT. */
  RECIPIENTS,
  /** A chunk was accepted and the last one is awaited (RFC 3030). */
  CHUNKS,
  /** A chunk was refused: nothing but an end of the transaction helps. */
  SPOILED
}
