package io.postern.protocol.pop3;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** A message, or any long answer, in pieces that come when they are asked for. */
public interface MessageStream {
  /**
   * The next piece: authentic, not empty, at most 64 KiB; empty once the message is complete. One
   * call at a time.
   */
  CompletionStage<Optional<ByteBuffer>> next();

  /** Ends it, early or not. Harmless when called twice. */
  void close();
}
