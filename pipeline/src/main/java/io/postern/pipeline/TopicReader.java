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

/**
 * All partitions of a topic, read outside of any consumer group up to their present ends, as often
 * as one likes. Every call blocks and fails with {@link PipelineException}.
 */
public final class TopicReader implements AutoCloseable {
  private static final Duration POLL = Duration.ofSeconds(1);

  /** Polls without a record before the topic counts as unreachable. */
  private static final int MAX_SILENT_POLLS = 30;

  private final String topic;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<TopicPartition> partitions;

  private TopicReader(Map<String, Object> kafka, String topic) {
    this.topic = topic;
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    // What is truncated while it is read is no longer there to be read.
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 4 * 1024 * 1024);
    consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    try {
      partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
    } catch (KafkaException e) {
      consumer.close();
      throw KafkaErrors.translate(e);
    }
  }

  /** From the first records written at or after a point in time. */
  public static TopicReader since(Map<String, Object> kafka, String topic, Instant since) {
    return begin(new TopicReader(kafka, topic), reader -> reader.seek(since));
  }

  /** From given offsets, by partition; a partition that is not named from its beginning. */
  public static TopicReader from(
      Map<String, Object> kafka, String topic, Map<Integer, Long> offsets) {
    return begin(new TopicReader(kafka, topic), reader -> reader.seek(offsets));
  }

  private static TopicReader begin(TopicReader reader, Consumer<TopicReader> seek) {
    try {
      seek.accept(reader);
      return reader;
    } catch (KafkaException e) {
      reader.close();
      throw KafkaErrors.translate(e);
    }
  }

  /** Hands over every record between the last call's end and the present one. */
  public void catchUp(Consumer<ConsumerRecord<byte[], byte[]>> records) {
    catchUpTo(ends(), records);
  }

  /** The same up to given ends, by partition; what is not named is not read. */
  public void catchUpTo(Map<Integer, Long> ends, Consumer<ConsumerRecord<byte[], byte[]>> records) {
    try {
      int silent = 0;
      while (isBehind(ends)) {
        var polled = consumer.poll(POLL);
        silent = polled.isEmpty() ? silent + 1 : 0;
        if (silent > MAX_SILENT_POLLS) {
          throw new PipelineException(
              PipelineException.Category.UNAVAILABLE,
              "Kafka: topic " + topic + " does not answer",
              null);
        }
        polled.forEach(records);
      }
    } catch (KafkaException e) {
      throw KafkaErrors.translate(e);
    }
  }

  /** The present ends, by partition. */
  public Map<Integer, Long> ends() {
    try {
      return byPartition(consumer.endOffsets(partitions));
    } catch (KafkaException e) {
      throw KafkaErrors.translate(e);
    }
  }

  /** Where this reader stands, by partition. */
  public Map<Integer, Long> positions() {
    try {
      return partitions.stream()
          .collect(Collectors.toMap(TopicPartition::partition, consumer::position));
    } catch (KafkaException e) {
      throw KafkaErrors.translate(e);
    }
  }

  /** How many records lie between this reader and the present ends, at most. */
  public long behind() {
    Map<Integer, Long> ends = ends();
    return positions().entrySet().stream()
        .mapToLong(position -> Math.max(0, ends.get(position.getKey()) - position.getValue()))
        .sum();
  }

  /** Whatever comes within a short time, for callers that wait for something else as well. */
  public void poll(Duration patience, Consumer<ConsumerRecord<byte[], byte[]>> records) {
    try {
      consumer.poll(patience).forEach(records);
    } catch (KafkaException e) {
      throw KafkaErrors.translate(e);
    }
  }

  /** Reads a partition again from {@code offset}. */
  public void seek(int partition, long offset) {
    consumer.seek(new TopicPartition(topic, partition), offset);
  }

  /** While {@code paused}, {@link #poll} brings nothing. */
  public void pause(boolean paused) {
    if (paused) {
      consumer.pause(partitions);
    } else {
      consumer.resume(partitions);
    }
  }

  @Override
  public void close() {
    consumer.close();
  }

  private boolean isBehind(Map<Integer, Long> ends) {
    return partitions.stream()
        .anyMatch(p -> consumer.position(p) < ends.getOrDefault(p.partition(), 0L));
  }

  private void seek(Map<Integer, Long> offsets) {
    Map<TopicPartition, Long> starts = consumer.beginningOffsets(partitions);
    starts.forEach(
        (partition, start) ->
            consumer.seek(
                partition, Math.max(start, offsets.getOrDefault(partition.partition(), 0L))));
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

  private static Map<Integer, Long> byPartition(Map<TopicPartition, Long> offsets) {
    return offsets.entrySet().stream()
        .collect(Collectors.toMap(e -> e.getKey().partition(), Map.Entry::getValue));
  }
}
