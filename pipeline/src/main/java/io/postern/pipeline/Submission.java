package io.postern.pipeline;

import java.util.concurrent.CompletionStage;

/**
 * A message on its way into topic {@code raw}: sealed to the transit recipient and sliced as it
 * comes. Not thread-safe; its stages complete on a thread of the producer.
 */
public interface Submission {
  /** The ULID that the message has from here on. */
  String messageId();

  /** Takes message octets; never blocks. */
  void write(byte[] octets, int offset, int length);

  /** Whether few enough slices are unacknowledged to take more now. */
  boolean writable();

  /** Completes once {@link #writable} is true again, or fails as {@link #commit} would. */
  CompletionStage<Void> whenWritable();

  /**
   * Ends the message. Completes once every slice is acknowledged; fails with {@link
   * PipelineException}: then nothing counts.
   */
  CompletionStage<Void> commit();

  /**
   * Ends the message and leaves open whether it counts: {@link #commit} or {@link #abort} must say
   * so soon. Completes once every slice is acknowledged: from then on the message is kept unless
   * {@link #abort} reaches the log, also where this process dies. Fails as {@link #commit} does.
   */
  CompletionStage<Void> prepare();

  /**
   * Shows life while the outcome of a prepared message is open; to be called every minute or so.
   */
  void keepAlive();

  /** Takes the message back: what was published of it is void. */
  void abort();
}
