package io.postern.pipeline.work;

import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Where the records of a session's partitions come from. All on the session's thread. */
interface Source {
  /** A partition is the session's from now on, and is read from that offset on. */
  void add(TopicPartition partition, long offset);

  /** A partition is the session's no more. */
  void remove(TopicPartition partition);

  /** A partition is read from that offset on. */
  void seek(TopicPartition partition, long offset);

  /** Whether everything that is there was read. */
  boolean isAtEnd(TopicPartition partition);

  /** Waits for records, for so long at most. Partitions may come and go meanwhile. */
  Iterable<ConsumerRecord<byte[], byte[]>> read(Duration timeout);

  /** Waits for nothing; partitions may come and go. */
  Iterable<ConsumerRecord<byte[], byte[]>> hold();
}
