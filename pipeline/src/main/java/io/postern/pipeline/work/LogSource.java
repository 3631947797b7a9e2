package io.postern.pipeline.work;

import io.postern.pipeline.LocalLogs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * The logs of the broker in this process. The consumer, all of whose partitions are paused, is but
 * the membership in the group.
 */
final class LogSource implements Source {
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final LocalLogs logs;
  private final LocalLogs.Reader reader;
  private final Loop loop;
  private final int maxBytes;

  private final Map<TopicPartition, Long> offsets = new HashMap<>();
  private final Map<TopicPartition, Runnable> watches = new HashMap<>();

  /** Whether to be told that a partition has grown. */
  private volatile boolean waiting;

  /**
   * @param maxBytes of a partition at once, more where a batch is larger
   */
  LogSource(KafkaConsumer<byte[], byte[]> consumer, LocalLogs logs, Loop loop, int maxBytes) {
    this.consumer = consumer;
    this.logs = logs;
    this.reader = logs.reader();
    this.loop = loop;
    this.maxBytes = maxBytes;
  }

  @Override
  public void add(TopicPartition partition, long offset) {
    consumer.pause(List.of(partition));
    offsets.put(partition, offset);
    watches.put(partition, logs.watch(partition, this::grown));
  }

  @Override
  public void remove(TopicPartition partition) {
    offsets.remove(partition);
    Runnable watch = watches.remove(partition);
    if (watch != null) {
      watch.run();
    }
  }

  @Override
  public void seek(TopicPartition partition, long offset) {
    offsets.put(partition, offset);
  }

  @Override
  public boolean isAtEnd(TopicPartition partition) {
    return offsets.get(partition) >= logs.end(partition);
  }

  @Override
  public List<ConsumerRecord<byte[], byte[]>> read(Duration timeout) {
    hold();
    waiting = true;
    List<ConsumerRecord<byte[], byte[]>> records = read();
    if (records.isEmpty()) {
      loop.await(timeout);
      records = read();
    }
    waiting = false;
    return records;
  }

  @Override
  public List<ConsumerRecord<byte[], byte[]>> hold() {
    // Whatever a partition that is not paused yet gives here is read from the log.
    consumer.poll(Duration.ZERO);
    return List.of();
  }

  private List<ConsumerRecord<byte[], byte[]>> read() {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    offsets.replaceAll(
        (partition, offset) -> reader.read(partition, offset, maxBytes, records::add));
    return records;
  }

  private void grown() {
    if (waiting) {
      loop.execute(() -> {});
    }
  }
}
