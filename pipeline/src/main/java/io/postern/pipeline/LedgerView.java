package io.postern.pipeline;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ledger from a point in time on, read up to its present end each time. Blocking. */
final class LedgerView implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LedgerView.class);
  private static final Duration POLL = Duration.ofSeconds(1);

  /** Polls without a record before the ledger counts as unreachable. */
  private static final int MAX_SILENT_POLLS = 30;

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<TopicPartition> partitions;

  LedgerView(Map<String, Object> kafka, Topics topics, Instant since) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 4 * 1024 * 1024);
    consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    try {
      partitions =
          consumer.partitionsFor(topics.ledger()).stream()
              .map(info -> new TopicPartition(topics.ledger(), info.partition()))
              .toList();
      consumer.assign(partitions);
      seek(since);
    } catch (KafkaException e) {
      consumer.close();
      throw KafkaErrors.translate(e);
    }
  }

  /** Hands over every fact between the last call's end and the present one. */
  void catchUp(Consumer<Fact> facts) {
    try {
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      int silent = 0;
      while (isBehind(ends)) {
        var records = consumer.poll(POLL);
        silent = records.isEmpty() ? silent + 1 : 0;
        if (silent > MAX_SILENT_POLLS) {
          throw new PipelineException(
              PipelineException.Category.UNAVAILABLE, "Kafka: the ledger does not answer", null);
        }
        records.forEach(record -> read(record, facts));
      }
    } catch (KafkaException e) {
      throw KafkaErrors.translate(e);
    }
  }

  @Override
  public void close() {
    consumer.close();
  }

  private boolean isBehind(Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue());
  }

  private void seek(Instant since) {
    long sinceMs = Math.max(0, since.toEpochMilli());
    Map<TopicPartition, OffsetAndTimestamp> starts =
        consumer.offsetsForTimes(
            partitions.stream().collect(Collectors.toMap(Function.identity(), p -> sinceMs)));
    for (TopicPartition partition : partitions) {
      OffsetAndTimestamp start = starts.get(partition);
      if (start == null) {
        // At once, and not with the next poll: what is written from here on belongs to the view.
        consumer.seek(partition, consumer.endOffsets(List.of(partition)).get(partition));
      } else {
        consumer.seek(partition, start.offset());
      }
    }
  }

  private static void read(ConsumerRecord<byte[], byte[]> record, Consumer<Fact> facts) {
    try {
      facts.accept(FactCodec.decode(record));
    } catch (MalformedException e) {
      log.warn("ledger {}/{}: {}", record.partition(), record.offset(), e.getMessage());
    }
  }
}
