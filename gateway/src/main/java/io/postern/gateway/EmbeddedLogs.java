package io.postern.gateway;

import io.postern.broker.EmbeddedKafka;
import io.postern.pipeline.LocalLogs;
import org.apache.kafka.common.TopicPartition;

/**
 * The embedded broker's logs, for the pipeline, which knows of no broker.
 *
 * @param broker stays the caller's
 */
public record EmbeddedLogs(EmbeddedKafka broker) implements LocalLogs {
  @Override
  public int partitions(String topic) {
    return broker.partitions(topic);
  }

  @Override
  public Writer writer() {
    return broker.writer()::append;
  }

  @Override
  public Writer compressingWriter() {
    return broker.compressingWriter()::append;
  }

  @Override
  public Reader reader() {
    return broker.reader()::read;
  }

  @Override
  public long end(TopicPartition partition) {
    return broker.end(partition);
  }

  @Override
  public Runnable watch(TopicPartition partition, Runnable grown) {
    return broker.watch(partition, grown);
  }
}
