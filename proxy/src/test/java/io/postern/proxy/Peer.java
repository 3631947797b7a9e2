package io.postern.proxy;

/** The other end of one of a proxy's two connections, as a transcript plays it. */
interface Peer {
  void send(byte[] octets);

  /** Up to so many octets. */
  byte[] receive(int count);

  /** A line without its CRLF; null where the proxy has closed. */
  String receiveLine();

  /** The peer's side of the handshake. */
  void startTls();

  /** Is gone without a word. */
  void vanish();

  /** Fails unless the proxy closes without saying more. */
  void awaitEnd();

  /** Lets the time pass after which the proxy gives this peer up. */
  void awaitTimeout();

  /** Forgets what has come so far. */
  void discard();

  void expectNothingMore();
}
