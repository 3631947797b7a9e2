package io.postern.broker;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A broker and its clients, for tests of its logs. */
final class BrokerForTests implements AutoCloseable {
  private final EmbeddedKafka kafka;
  private final Admin admin;

  BrokerForTests(Path directory) {
    kafka = EmbeddedKafka.start(directory, 0);
    admin = Admin.create(kafka.clientProperties());
  }

  EmbeddedKafka kafka() {
    return kafka;
  }

  Admin admin() {
    return admin;
  }

  /** A new topic, once its partitions can be written to. */
  String topic(int partitions, Map<String, String> configs) throws Exception {
    String name = "t" + UUID.randomUUID();
    admin
        .createTopics(List.of(new NewTopic(name, partitions, (short) 1).configs(configs)))
        .all()
        .get(30, SECONDS);
    long deadline = System.nanoTime() + SECONDS.toNanos(30);
    for (int i = 0; i < partitions; i++) {
      while (!hasLeader(new TopicPartition(name, i))) {
        assertThat(System.nanoTime()).as("a leader in time").isLessThan(deadline);
      }
    }
    return name;
  }

  /** The controller has made a topic a moment before the broker hears of it. */
  private boolean hasLeader(TopicPartition partition) throws Exception {
    try {
      admin.listOffsets(Map.of(partition, OffsetSpec.latest())).all().get(30, SECONDS);
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return false;
      }
      throw e;
    }
  }

  /** All that lies there from an offset on. */
  List<ConsumerRecord<byte[], byte[]>> read(TopicPartition partition, long offset) {
    LogReader reader = kafka.reader();
    List<ConsumerRecord<byte[], byte[]>> read = new ArrayList<>();
    long at = offset;
    while (at != (at = reader.read(partition, at, 1_000_000, read::add))) {
      // until there is no more
    }
    return read;
  }

  /** Sends as a client does, and waits. */
  void produce(List<ProducerRecord<byte[], byte[]>> records, Map<String, Object> overrides)
      throws Exception {
    Map<String, Object> settings = new HashMap<>(kafka.clientProperties());
    settings.putAll(overrides);
    try (var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      records.forEach(producer::send);
    }
  }

  @Override
  public void close() {
    admin.close();
    kafka.close();
  }
}
