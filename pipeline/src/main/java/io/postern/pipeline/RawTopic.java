package io.postern.pipeline;

/** Where messages enter the pipeline. */
public interface RawTopic {
  /** Begins a message. Never blocks. */
  Submission begin(Envelope envelope);
}
