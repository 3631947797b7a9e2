package io.postern.pipeline;

import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * The logs of a broker that runs in this process, written and read without its sockets. All methods
 * throw {@link org.apache.kafka.common.KafkaException} where the broker refuses.
 */
public interface LocalLogs {
  /** How many partitions a topic has. */
  int partitions(String topic);

  /** A writer for one thread. */
  Writer writer();

  /** The same, with compressed batches. */
  Writer compressingWriter();

  /** A reader for one thread. */
  Reader reader();

  /** Where the next record of a partition will lie. */
  long end(TopicPartition partition);

  /**
   * Has somebody told, on whatever thread, whenever a partition has grown.
   *
   * @return ends that
   */
  Runnable watch(TopicPartition partition, Runnable grown);

  /** Appends records as a producer would that waits for all acknowledgements. */
  @FunctionalInterface
  interface Writer {
    /**
     * Appends as many of the first of these as fit into one batch, at least one; blocks until they
     * are as safe as the topic promises.
     *
     * @return how many
     */
    int append(TopicPartition partition, List<ProducerRecord<byte[], byte[]>> records);
  }

  /** Reads records as a consumer would that begins at the earliest where its offset is gone. */
  @FunctionalInterface
  interface Reader {
    /**
     * Does not wait where there is nothing.
     *
     * @param offset of the first record to read
     * @param maxBytes of whole batches; one is read even where it is larger
     * @return the offset after the last one read
     */
    long read(
        TopicPartition partition,
        long offset,
        int maxBytes,
        Consumer<ConsumerRecord<byte[], byte[]>> records);
  }
}
