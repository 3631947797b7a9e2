package io.postern.pipeline.work;

import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** The consumer itself, which knows its partitions and offsets. */
record ConsumerSource(KafkaConsumer<byte[], byte[]> consumer) implements Source {
  @Override
  public void add(TopicPartition partition, long offset) {}

  @Override
  public void remove(TopicPartition partition) {}

  @Override
  public void seek(TopicPartition partition, long offset) {
    consumer.seek(partition, offset);
  }

  @Override
  public boolean isAtEnd(TopicPartition partition) {
    return consumer.currentLag(partition).orElse(-1) == 0;
  }

  @Override
  public Iterable<ConsumerRecord<byte[], byte[]>> read(Duration timeout) {
    consumer.resume(consumer.paused());
    return consumer.poll(timeout);
  }

  @Override
  public Iterable<ConsumerRecord<byte[], byte[]>> hold() {
    consumer.pause(consumer.assignment());
    return consumer.poll(Duration.ZERO);
  }
}
