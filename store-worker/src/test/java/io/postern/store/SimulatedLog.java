package io.postern.store;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

/** Kafka as far as the workers see it: partitions of records, and what groups have committed. */
final class SimulatedLog {
  static final int PARTITIONS = 2;

  private final InstantSource clock;
  private final String secret;
  private final Map<String, List<List<ConsumerRecord<byte[], byte[]>>>> topics = new HashMap<>();
  private final Map<String, long[]> starts = new HashMap<>();
  private final Map<String, long[]> committed = new HashMap<>();

  /**
   * @param secret a text that must never lie on this disk
   */
  SimulatedLog(InstantSource clock, String secret) {
    this.clock = clock;
    this.secret = secret;
  }

  void append(String topic, String key, Iterable<Header> headers, byte[] value) {
    int number = Math.floorMod(key.hashCode(), PARTITIONS);
    if (new String(value, ISO_8859_1).contains(secret)) {
      throw new AssertionError("plaintext in " + topic);
    }
    List<ConsumerRecord<byte[], byte[]>> partition = partition(topic, number);
    partition.add(
        new ConsumerRecord<>(
            topic,
            number,
            partition.size(),
            clock.millis(),
            TimestampType.CREATE_TIME,
            key.length(),
            value.length,
            key.getBytes(US_ASCII),
            value,
            new RecordHeaders(headers),
            Optional.empty()));
  }

  /** The record at an offset, or the first that is left above it. */
  Optional<ConsumerRecord<byte[], byte[]>> read(String topic, int number, long offset) {
    long from = Math.max(offset, starts(topic)[number]);
    List<ConsumerRecord<byte[], byte[]>> partition = partition(topic, number);
    return from < partition.size() ? Optional.of(partition.get((int) from)) : Optional.empty();
  }

  long end(String topic, int number) {
    return partition(topic, number).size();
  }

  /** Records in the partition that has most. */
  int longest() {
    return topics.values().stream().flatMap(List::stream).mapToInt(List::size).max().orElse(0);
  }

  Map<Integer, Long> ends(String topic) {
    Map<Integer, Long> ends = new HashMap<>();
    for (int i = 0; i < PARTITIONS; i++) {
      ends.put(i, end(topic, i));
    }
    return ends;
  }

  void deleteBelow(String topic, Map<Integer, Long> offsets) {
    offsets.forEach(
        (number, offset) -> starts(topic)[number] = Math.max(starts(topic)[number], offset));
  }

  /** A power cut: what was not flushed is gone. */
  void loseTail(String topic, int number, int records) {
    List<ConsumerRecord<byte[], byte[]>> partition = partition(topic, number);
    partition.subList(Math.max(0, partition.size() - records), partition.size()).clear();
  }

  long start(String topic, int number) {
    return starts(topic)[number];
  }

  void commit(String topic, int number, long offset) {
    committed.computeIfAbsent(topic, t -> new long[PARTITIONS])[number] = offset;
  }

  long committed(String topic, int number) {
    return committed.computeIfAbsent(topic, t -> new long[PARTITIONS])[number];
  }

  Map<Integer, Long> committed(String topic) {
    Map<Integer, Long> offsets = new HashMap<>();
    for (int i = 0; i < PARTITIONS; i++) {
      offsets.put(i, committed(topic, i));
    }
    return offsets;
  }

  private List<ConsumerRecord<byte[], byte[]>> partition(String topic, int number) {
    return topics
        .computeIfAbsent(topic, t -> List.of(new ArrayList<>(), new ArrayList<>()))
        .get(number);
  }

  private long[] starts(String topic) {
    return starts.computeIfAbsent(topic, t -> new long[PARTITIONS]);
  }
}
