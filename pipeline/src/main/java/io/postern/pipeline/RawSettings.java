package io.postern.pipeline;

import io.postern.age.ChunkOpener;
import java.time.Duration;

/**
 * How messages enter the pipeline.
 *
 * @param sliceBytes sealed octets in a slice, at most {@link Slice#MAX_BYTES}
 * @param maxUnacknowledged slices of one message that may be on their way before its sender waits
 * @param maxInFlightBytes of all messages together that may be on their way before their senders
 *     wait; for a moment it can be some more, since all go on together
 * @param patience after which Kafka counts as away
 * @param keepAlive a message of which nothing was sent for so long gets an empty slice
 * @param senderTimeout after which workers take a silent sender for gone; see {@link #maxSilence}
 */
public record RawSettings(
    int sliceBytes,
    int maxUnacknowledged,
    long maxInFlightBytes,
    Duration patience,
    Duration keepAlive,
    Duration senderTimeout) {

  /** What workers wait for a sender of whom nothing comes. */
  public static final Duration DEFAULT_SENDER_TIMEOUT = Duration.ofMinutes(10);

  /** A sixteenth of the memory: a producer's own buffer, 32 MiB, with a heap of 512 MiB. */
  private static final long MEMORY_SHARE = Runtime.getRuntime().maxMemory() / 16;

  /** More than the header of a file to one recipient has, whatever its kind. */
  private static final int HEADER_BYTES = 4 * 1024;

  public static final RawSettings DEFAULT =
      new RawSettings(
          2 * ChunkOpener.SEALED_CHUNK_LENGTH + HEADER_BYTES,
          16,
          Math.max(8 << 20, MEMORY_SHARE),
          Duration.ofSeconds(8),
          Duration.ofMinutes(1),
          DEFAULT_SENDER_TIMEOUT);

  public RawSettings {
    if (sliceBytes < 1 || sliceBytes > Slice.MAX_BYTES) {
      throw new IllegalArgumentException("a slice has 1 to " + Slice.MAX_BYTES + " octets");
    }
    if (maxUnacknowledged < 1 || maxInFlightBytes < sliceBytes) {
      throw new IllegalArgumentException("one slice at least must be under way");
    }
    if (keepAlive.compareTo(maxSilence(senderTimeout)) > 0) {
      throw new IllegalArgumentException("a sender is taken for gone before it shows life");
    }
  }

  /**
   * How far apart two slices of a message may lie: half of what the workers wait, so that none of
   * them ever drops a message that is acknowledged afterwards.
   */
  public static Duration maxSilence(Duration senderTimeout) {
    return senderTimeout.dividedBy(2);
  }
}
