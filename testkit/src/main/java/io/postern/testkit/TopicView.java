package io.postern.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A topic as its administrator sees it. */
public final class TopicView {
  private final Map<String, Object> clientProperties;
  private final List<TopicPartition> partitions = new ArrayList<>();

  public TopicView(Map<String, Object> clientProperties, String topic, int partitions) {
    this.clientProperties = clientProperties;
    for (int i = 0; i < partitions; i++) {
      this.partitions.add(new TopicPartition(topic, i));
    }
  }

  /** How many records there are, or were before some of them were compacted away. */
  public long length() throws Exception {
    try (Admin admin = Admin.create(clientProperties)) {
      return sum(offsets(admin, OffsetSpec.latest())) - sum(offsets(admin, OffsetSpec.earliest()));
    }
  }

  private static long sum(Map<TopicPartition, Long> offsets) {
    return offsets.values().stream().mapToLong(Long::longValue).sum();
  }

  /** How many offsets a group has still to commit. */
  public long behind(String group) throws Exception {
    try (Admin admin = Admin.create(clientProperties)) {
      var committed =
          admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get(30, SECONDS);
      long behind = 0;
      for (var end : offsets(admin, OffsetSpec.latest()).entrySet()) {
        var mark = committed.get(end.getKey());
        behind += end.getValue() - (mark == null ? 0 : mark.offset());
      }
      return behind;
    }
  }

  private Map<TopicPartition, Long> offsets(Admin admin, OffsetSpec edge) throws Exception {
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    partitions.forEach(partition -> wanted.put(partition, edge));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    admin
        .listOffsets(wanted)
        .all()
        .get(30, SECONDS)
        .forEach((partition, info) -> offsets.put(partition, info.offset()));
    return offsets;
  }

  /** The first partition's first records, as soon as there are so many. */
  public List<ConsumerRecord<byte[], byte[]>> read(int count) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (var consumer =
        new KafkaConsumer<>(
            clientProperties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      TopicPartition partition = partitions.get(0);
      consumer.assign(List.of(partition));
      consumer.seek(partition, 0);
      await()
          .atMost(30, SECONDS)
          .until(
              () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
                return records.size() >= count;
              });
    }
    return records;
  }

  /** As if it had lost everything: the topic is there, and empty. */
  public void lose() throws Exception {
    Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
    partitions.forEach(partition -> all.put(partition, RecordsToDelete.beforeOffset(-1)));
    try (Admin admin = Admin.create(clientProperties)) {
      admin.deleteRecords(all).all().get(30, SECONDS);
    }
  }
}
