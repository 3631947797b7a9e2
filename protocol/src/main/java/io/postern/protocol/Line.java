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

  /** Stops reading from the socket until {@link #resume}. */
  void pause();

  void resume();

  /**
   * After what is queued has left: the TLS handshake, then {@link Conversation#secured} or {@link
   * Conversation#closed}.
   */
  void startTls();

  /** Closes after what is queued has left. */
  void close();
}
