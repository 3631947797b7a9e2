package io.postern.broker;

import java.io.IOException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.server.partition.PartitionListener;
import org.apache.kafka.storage.internals.log.LocalLog;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.apache.kafka.storage.internals.log.UnifiedLog;

/**
 * A partition whose records are on the disk before anybody who appends them is answered, and before
 * any {@link LogReader} sees them. {@code flush.messages=1} does that too, but flushes a segment's
 * two indexes as well, each twice: five write barriers instead of one. Kafka makes the indexes anew
 * after a crash from where it has flushed all, and goes on doing that with each segment that is
 * full; so they need not be on the disk any sooner.
 *
 * <p>Kafka tells of a new end under the log's lock, and whoever appends has to have that lock once
 * more before he is answered: whoever's records are flushed here, or by the call before, waits.
 */
final class FlushedPartition implements PartitionListener {
  private final UnifiedLog log;
  private final LogDirFailureChannel failures;

  /** All before it is on the disk. */
  private volatile long end;

  /**
   * @param failures told where the disk refuses, as by Kafka itself: the process ends then, since
   *     nobody knows what a second attempt would be worth
   */
  FlushedPartition(UnifiedLog log, LogDirFailureChannel failures) {
    this.log = log;
    this.failures = failures;
  }

  /** Flushes all that is there: once, when Kafka tells of what comes from now on. */
  void begin() {
    long there = log.highWatermark();
    log.flush(false);
    advance(there);
  }

  /** Where the records end that are on the disk. */
  long end() {
    return end;
  }

  @Override
  public void onHighWatermarkUpdated(TopicPartition partition, long offset) {
    // Kafka has flushed it already where the topic's settings say so.
    if (log.recoveryPoint() < offset) {
      flush(end, offset);
    }
    advance(offset);
  }

  private synchronized void advance(long offset) {
    end = Math.max(end, offset);
  }

  private void flush(long from, long to) throws KafkaStorageException {
    LocalLog.maybeHandleIOException(
        failures,
        log.parentDir(),
        () -> "flushing " + log.topicPartition(),
        () -> {
          flushRecords(from, to);
          return null;
        });
  }

  private void flushRecords(long from, long to) throws IOException {
    boolean begun = false;
    for (LogSegment segment : log.logSegments(from, to)) {
      segment.log().flush();
      begun |= segment.baseOffset() >= from;
    }
    if (begun) {
      Utils.flushDir(log.dir().toPath());
    }
  }
}
