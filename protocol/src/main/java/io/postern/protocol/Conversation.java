package io.postern.protocol;

import java.nio.ByteBuffer;

/**
 * One conversation as a value without I/O: the peer's octets go in, replies and wishes come out
 * through a {@link Line}. All calls, and the completion of everything asynchronous that the
 * conversation waits for, come from one event loop.
 */
public interface Conversation {
  /** The line is ready: greet. Behind implicit TLS this comes after the handshake. */
  void opened(Line line, Tls tls);

  /**
   * Octets from the peer, in a buffer that has an array. They are read to the end, unless the
   * conversation pauses, secures or closes its line on the way: what is left then stays with the
   * line, which offers it again after {@link Line#resume}. Never called while the line is paused.
   */
  void received(ByteBuffer octets);

  /**
   * The handshake that {@link Line#startTls} asked for has ended well: framer and state start anew.
   */
  void secured(Tls tls);

  /** The peer takes octets again after {@link Line#writable} was false. */
  void drained();

  /** Nothing came for the time that the protocol allows: say so and close. */
  void timedOut();

  /** The server stops: say so and close, now or after the command in flight. */
  void stopping();

  /**
   * The peer is gone, whatever the reason: let go of everything. Called once, also after {@link
   * Line#close}.
   */
  void closed();
}
