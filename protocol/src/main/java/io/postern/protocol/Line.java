package io.postern.protocol;

import java.nio.ByteBuffer;

/** What a {@link Conversation} can ask of its connection. */
public interface Line {
  /** Queues octets for the peer. The buffer is the connection's from here on. */
  void send(ByteBuffer octets);

  /**
   * Whether the peer keeps up; once false, {@link Conversation#drained} tells when it does again.
   */
  boolean writable();

  /**
   * Stops {@link Conversation#received}, and reading from the socket, until {@link #resume}. The
   * peer's time does not run meanwhile.
   */
  void pause();

  /** Goes on with what {@link Conversation#received} had left, then with the socket. */
  void resume();

  /**
   * Sends the reply that invites the peer to the TLS handshake; then comes {@link
   * Conversation#secured} or {@link Conversation#closed}. Octets that the peer sent in clear after
   * asking for TLS close the connection unread, so that none of them can pass for protected (RFC
   * 3207, section 6).
   */
  void startTls(ByteBuffer invitation);

  /** Closes after what is queued has left. Nothing is received any more. */
  void close();
}
