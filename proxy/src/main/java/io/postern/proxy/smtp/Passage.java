package io.postern.proxy.smtp;

import io.postern.proxy.Archive;
import java.nio.ByteBuffer;

/** A message on its way through: from the client to the mail server and into the archive. */
final class Passage {
  /** Null where it passes without a copy. */
  private Archive.Copy copy;

  /** Why it cannot pass any more: what still comes of it is swallowed. Null while it can. */
  private ByteBuffer refusal;

  final boolean chunked;
  long sizeBytes;

  /** Whether the client has sent all of it. */
  boolean complete;

  /** The client's turn to hear of the outcome, once its end has left for the mail server. */
  private Turns.Turn outcome;

  Passage(Archive.Copy copy, boolean chunked) {
    this.copy = copy;
    this.chunked = chunked;
  }

  Archive.Copy copy() {
    return copy;
  }

  /** Goes on without a copy. */
  void loseCopy() {
    copy = null;
  }

  void refuse(ByteBuffer reply) {
    if (refusal == null) {
      refusal = reply;
      abort();
    }
  }

  ByteBuffer refusal() {
    return refusal;
  }

  boolean isRefused() {
    return refusal != null;
  }

  void abort() {
    if (copy != null) {
      copy.abort();
      copy = null;
    }
  }

  /** Its end leaves for the mail server: from now on only the server decides. */
  void endLeaves(Turns.Turn hearsOutcome) {
    outcome = hearsOutcome;
  }

  boolean isEndSent() {
    return outcome != null;
  }

  Turns.Turn outcome() {
    return outcome;
  }
}
