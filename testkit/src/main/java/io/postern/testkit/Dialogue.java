package io.postern.testkit;

/** A client's side of one connection to the server that a {@link Transcript} is played to. */
public interface Dialogue extends AutoCloseable {
  void send(byte[] octets);

  /** The server's next line without its CRLF; null once the server has closed. */
  String receive();

  /** The client's side of the TLS handshake. */
  void startTls();

  /** The next thing that the application behind the server did, in its own words. */
  String observe();

  /** Fails where the server has said, or the application has done, more than was asked for. */
  void expectNothingMore();

  @Override
  void close();
}
