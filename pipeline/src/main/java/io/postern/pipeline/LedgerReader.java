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
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the ledger from a point in time to its end. Blocking. */
public final class LedgerReader {
  private static final Logger log = LoggerFactory.getLogger(LedgerReader.class);
  private static final Duration POLL = Duration.ofSeconds(1);

  /** Polls without a record before the ledger counts as unreachable. */
  private static final int MAX_SILENT_POLLS = 30;

  private final Map<String, Object> kafka;
  private final String topic;

  public LedgerReader(Map<String, Object> kafka, Topics topics) {
    this.kafka = new HashMap<>(kafka);
    this.kafka.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    this.kafka.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    this.kafka.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 4 * 1024 * 1024);
    this.topic = topics.ledger();
  }

  /** The copies that are stored already, or deleted again, by facts written after {@code since}. */
  public CopySet finishedSince(Instant since) {
    CopySet finished = new CopySet();
    read(
        since,
        fact -> {
          boolean stored = fact.kind() == Fact.Kind.STORED || fact.kind() == Fact.Kind.DELETED;
          if (stored && isCopy(fact)) {
            finished.add(fact.messageId(), fact.mailboxId());
          }
        });
    return finished;
  }

  /** Hands over every fact written after {@code since} and before now, partition by partition. */
  public void read(Instant since, Consumer<Fact> facts) {
    try (var consumer =
        new KafkaConsumer<>(kafka, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      consumer.assign(partitions);
      seek(consumer, partitions, since);
      drain(consumer, ends, facts);
    } catch (KafkaException e) {
      throw KafkaErrors.translate(e);
    }
  }

  private static void seek(
      KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions, Instant since) {
    Map<TopicPartition, Long> times =
        partitions.stream()
            .collect(Collectors.toMap(Function.identity(), p -> Math.max(0, since.toEpochMilli())));
    Map<TopicPartition, OffsetAndTimestamp> starts = consumer.offsetsForTimes(times);
    for (TopicPartition partition : partitions) {
      OffsetAndTimestamp start = starts.get(partition);
      if (start == null) {
        consumer.seekToEnd(List.of(partition));
      } else {
        consumer.seek(partition, start.offset());
      }
    }
  }

  private static void drain(
      KafkaConsumer<byte[], byte[]> consumer,
      Map<TopicPartition, Long> ends,
      Consumer<Fact> facts) {
    int silent = 0;
    while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
      var records = consumer.poll(POLL);
      silent = records.isEmpty() ? silent + 1 : 0;
      if (silent > MAX_SILENT_POLLS) {
        throw new PipelineException(
            PipelineException.Category.UNAVAILABLE, "Kafka: the ledger does not answer", null);
      }
      records.forEach(
          record -> {
            try {
              facts.accept(FactCodec.decode(record));
            } catch (MalformedException e) {
              log.warn("ledger record {}: {}", record.offset(), e.getMessage());
            }
          });
    }
  }

  private static boolean isCopy(Fact fact) {
    return fact.mailboxId() != null
        && Ulids.isUlid(fact.messageId())
        && Ulids.isUlid(fact.mailboxId());
  }
}
