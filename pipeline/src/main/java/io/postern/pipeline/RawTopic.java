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

  /** Begins a message. Never blocks. */
  Submission begin(Envelope envelope);
}
