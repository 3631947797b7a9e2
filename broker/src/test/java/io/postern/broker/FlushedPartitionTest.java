package io.postern.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlushedPartitionTest {
  private static final Map<String, String> SMALL_SEGMENTS = Map.of("segment.bytes", "1048576");
  private static final int RECORDS = 10;

  /** Segments by the offset of their first record, as the tests fill them. */
  private static final String FIRST = "00000000000000000000.log";

  private static final String SECOND = "00000000000000000002.log";
  private static final String THIRD = "00000000000000000004.log";
  private static final String NAMELESS = "?";

  @TempDir static Path directory;
  private static BrokerForTests broker;
  private static EmbeddedKafka kafka;

  private TopicPartition partition;

  @BeforeAll
  static void start() {
    broker = new BrokerForTests(directory.resolve("kafka"));
    kafka = broker.kafka();
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @Test
  void whatIsFlushedAlwaysIsFlushedOnceAndWithoutItsIndexes() throws Exception {
    partition = partition(SMALL_SEGMENTS);
    kafka.flushAlways(partition.topic());
    for (int i = 0; i < 5; i++) {
      ProducerRecord<byte[], byte[]> record = record(400_000);
      // The segment with the record, and the directory where the segment is new.
      List<String> expected =
          List.of(
                  List.of(FIRST, directoryName()),
                  List.of(FIRST),
                  List.of(SECOND, directoryName()),
                  List.of(SECOND),
                  List.of(THIRD, directoryName()))
              .get(i);
      assertThat(forced(() -> kafka.writer().append(partition, List.of(record))))
          .hasSameSizeAs(expected)
          .allMatch(name -> name.equals(NAMELESS) || expected.contains(name));
    }
    assertThat(forced(() -> broker.produce(List.of(record(1)), Map.of())))
        .hasSize(1)
        .allMatch(name -> name.equals(NAMELESS) || name.equals(THIRD));
    assertThat(read(0)).extracting(ConsumerRecord::offset).containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
  }

  @Test
  void nobodyReadsWhatIsNotFlushed() throws Exception {
    partition = partition(Map.of());
    kafka.writer().append(partition, List.of(record(1)));
    List<Object> seen = new ArrayList<>();
    // The first who is told: before it is flushed.
    Runnable end =
        kafka.watch(partition, () -> seen.addAll(List.of(kafka.end(partition), read(0).size())));
    kafka.flushAlways(partition.topic());

    kafka.writer().append(partition, List.of(record(2), record(3)));
    end.run();

    assertThat(seen).containsExactly(1L, 1);
    assertThat(kafka.end(partition)).isEqualTo(3);
    assertThat(read(0)).hasSize(3);
  }

  @Test
  void whatAnotherFailedToFlushIsNotAcknowledged() throws Exception {
    partition = partition(Map.of());
    kafka.writer().append(partition, List.of(record(1)));
    LogWriter writer = kafka.writer(log -> 2);
    assertThat(writer.append(partition, List.of(record(2)))).isEqualTo(1);
    assertThatThrownBy(() -> writer.append(partition, List.of(record(3))))
        .isInstanceOf(KafkaStorageException.class)
        .hasMessage(partition + " is not flushed");
  }

  @Test
  void aDiskThatHasRefusedOnceIsNotBelievedAgain() throws Exception {
    partition = partition(Map.of());
    AtomicReference<UnifiedLog> log = new AtomicReference<>();
    LogWriter writer =
        kafka.writer(
            its -> {
              log.set(its);
              return 1;
            });
    writer.append(partition, List.of(record(1)));
    // Kafka's own would end this process.
    FlushedPartition flushed = new FlushedPartition(log.get(), new LogDirFailureChannel(1));
    Path there = log.get().dir().toPath();
    Path away = there.resolveSibling("away");
    Files.move(there, away);
    assertThatThrownBy(() -> flushed.onHighWatermarkUpdated(partition, 1))
        .isInstanceOf(KafkaStorageException.class);
    Files.move(away, there);
    assertThatThrownBy(() -> flushed.onHighWatermarkUpdated(partition, 1))
        .isInstanceOf(KafkaStorageException.class)
        .hasMessageContaining("already offline");
    assertThat(flushed.end()).isZero();
  }

  @Test
  void whatKafkaFlushesIsNotFlushedTwice() throws Exception {
    partition = partition(Map.of("flush.messages", "1"));
    kafka.flushAlways(partition.topic());
    kafka.writer().append(partition, List.of(record(1)));
    // The segment and its two indexes.
    assertThat(forced(() -> kafka.writer().append(partition, List.of(record(2))))).hasSize(3);
    assertThat(read(0)).hasSize(2);
  }

  @Test
  void needsNoIndexesAfterACrash() throws Exception {
    Path own = directory.resolve("crashed");
    try (BrokerForTests first = new BrokerForTests(own)) {
      partition = new TopicPartition(first.topic(1, SMALL_SEGMENTS), 0);
      first.kafka().flushAlways(partition.topic());
      for (int i = 0; i < RECORDS; i++) {
        append(first.kafka().writer());
      }
    }
    leaveAsAPowerCutMay(own.resolve("log"));
    try (EmbeddedKafka second = EmbeddedKafka.start(own, 0)) {
      assertThat(second.startedAfterCrash()).isTrue();
      second.flushAlways(partition.topic());
      assertThat(second.end(partition)).isEqualTo(RECORDS);
      LogReader reader = second.reader();
      for (long offset = 0; offset < RECORDS; offset++) {
        List<Long> offsets = new ArrayList<>();
        reader.read(partition, offset, 1, record -> offsets.add(record.offset()));
        assertThat(offsets).containsExactly(offset);
      }
      append(second.writer());
      assertThat(second.end(partition)).isEqualTo(RECORDS + 1);
    }
  }

  private static TopicPartition partition(Map<String, String> configs) throws Exception {
    return new TopicPartition(broker.topic(1, configs), 0);
  }

  private ProducerRecord<byte[], byte[]> record(int size) {
    return new ProducerRecord<>(partition.topic(), new byte[size]);
  }

  private List<ConsumerRecord<byte[], byte[]>> read(long offset) {
    return broker.read(partition, offset);
  }

  private void append(LogWriter writer) {
    assertThat(writer.append(partition, List.of(record(300_000)))).isEqualTo(1);
  }

  /** Indexes that no flush was waited for are as long as they were, and empty. */
  private void leaveAsAPowerCutMay(Path logs) throws IOException {
    Files.delete(logs.resolve(".kafka_cleanshutdown"));
    Files.delete(logs.resolve("recovery-point-offset-checkpoint"));
    try (Stream<Path> files = Files.list(logs.resolve(partition.toString()))) {
      for (Path file : files.filter(path -> path.toString().endsWith("index")).toList()) {
        Files.write(file, new byte[(int) Files.size(file)]);
      }
    }
  }

  private interface Step {
    void run() throws Exception;
  }

  private String directoryName() {
    return partition.toString();
  }

  /** The names of the files that whoever appends has had on the disk, here or for a client. */
  private List<String> forced(Step step) throws Exception {
    try (Recording recording = new Recording()) {
      recording.enable("jdk.FileForce").withoutThreshold();
      recording.start();
      step.run();
      recording.stop();
      Path file = directory.resolve(UUID.randomUUID() + ".jfr");
      recording.dump(file);
      return RecordingFile.readAllEvents(file).stream()
          .filter(event -> appends(event.getThread().getJavaName()))
          .map(event -> event.getString("path"))
          // Java 17 forgets names now and then.
          .map(path -> path == null ? NAMELESS : Path.of(path).getFileName().toString())
          .toList();
    }
  }

  private static boolean appends(String thread) {
    return thread.equals(Thread.currentThread().getName())
        || thread.startsWith("data-plane-kafka-request-handler");
  }
}
