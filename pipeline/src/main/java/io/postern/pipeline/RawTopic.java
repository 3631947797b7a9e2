package io.postern.pipeline;

/** Where messages enter the pipeline. */
public interface RawTopic {
  /**
   * Whether a message could be begun now, as far as that is known beforehand: for those who can
   * send a message's sender away before he comes with it. Never blocks.
   */
  default boolean hasRoom() {
    return true;
  }

  /**
   * Whether senders wait for their mail to be safe, and with more than a few small messages: for
   * those whose work here can wait until theirs is done. Never blocks.
   */
  default boolean sendersWait() {
    return false;
  }

  /** Begins a message. Never blocks. */
  Submission begin(Envelope envelope);
}
