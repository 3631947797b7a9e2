package io.postern.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The writer and the reader against the broker's own clients. */
class LocalLogTest {
  @TempDir static Path directory;

  private static BrokerForTests broker;
  private static EmbeddedKafka kafka;
  private static Admin admin;

  private final Random random = new Random(7);
  private TopicPartition partition;
  private int number = 100;

  @BeforeAll
  static void start() {
    broker = new BrokerForTests(directory);
    kafka = broker.kafka();
    admin = broker.admin();
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @BeforeEach
  void createTopic() throws Exception {
    partition = new TopicPartition(broker.topic(1, Map.of("flush.messages", "1")), 0);
  }

  @Test
  void aConsumerReadsWhatTheWriterAppended() {
    List<ProducerRecord<byte[], byte[]>> records =
        List.of(record(0), record(1), record(70_000), record(500_000));

    assertThat(kafka.writer().append(partition, records)).isEqualTo(4);

    assertThat(texts(consume(4))).isEqualTo(texts(records));
    assertThat(kafka.end(partition)).isEqualTo(4);
  }

  @Test
  void aConsumerReadsWhatWasCompressedAndItIsSmaller() throws Exception {
    List<ProducerRecord<byte[], byte[]>> records =
        IntStream.range(0, 100).mapToObj(i -> text("the same again, number " + i)).toList();
    long plain = records.stream().mapToLong(record -> record.value().length).sum();

    assertThat(kafka.compressingWriter().append(partition, records)).isEqualTo(100);

    assertThat(texts(consume(100))).isEqualTo(texts(records));
    assertThat(logBytes()).isPositive().isLessThan(plain);
  }

  private ProducerRecord<byte[], byte[]> text(String value) {
    return new ProducerRecord<>(partition.topic(), new byte[] {1}, value.getBytes(UTF_8));
  }

  private long logBytes() throws Exception {
    return admin.describeLogDirs(List.of(1)).allDescriptions().get(30, SECONDS).values().stream()
        .flatMap(directories -> directories.values().stream())
        .mapToLong(directory -> directory.replicaInfos().get(partition).size())
        .sum();
  }

  @Test
  void aBatchTakesAsManyAsFit() {
    List<ProducerRecord<byte[], byte[]>> records =
        IntStream.range(0, 10).mapToObj(i -> record(500_000)).toList();
    LogWriter writer = kafka.writer();

    assertThat(writer.append(partition, records)).isEqualTo(8);
    assertThat(writer.append(partition, records.subList(8, 10))).isEqualTo(2);

    assertThat(texts(read(0))).isEqualTo(texts(records));
  }

  @Test
  void aBatchIsNoLargerThanItsTopicTakes() throws Exception {
    partition = new TopicPartition(broker.topic(1, Map.of("max.message.bytes", "1200000")), 0);
    LogWriter writer = kafka.writer();

    assertThat(writer.append(partition, List.of(record(500_000), record(500_000), record(500_000))))
        .isEqualTo(2);
    assertThatThrownBy(() -> writer.append(partition, List.of(record(1_300_000))))
        .isInstanceOf(RecordTooLargeException.class);
    assertThat(writer.append(partition, List.of(record(10)))).isEqualTo(1);

    assertThat(consume(3)).extracting(ConsumerRecord::offset).containsExactly(0L, 1L, 2L);
  }

  @Test
  void theReaderReadsWhatProducersSend() throws Exception {
    List<ProducerRecord<byte[], byte[]>> sent = new ArrayList<>();
    for (String compression : List.of("none", "lz4", "gzip")) {
      List<ProducerRecord<byte[], byte[]>> records =
          IntStream.range(0, 20).mapToObj(i -> record(1000 * i)).toList();
      broker.produce(records, Map.of("compression.type", compression, "linger.ms", 50));
      sent.addAll(records);
    }

    List<ConsumerRecord<byte[], byte[]>> read = read(0);

    assertThat(texts(read)).isEqualTo(texts(sent));
    assertThat(read).extracting(ConsumerRecord::offset).isEqualTo(offsets(0, 60));
    assertThat(read.get(3).timestamp()).isPositive();
    assertThat(read(25)).extracting(ConsumerRecord::offset).isEqualTo(offsets(25, 60));
  }

  @Test
  void theReaderReadsWholeBatchesAndOneAtLeast() {
    LogWriter writer = kafka.writer();
    for (int i = 0; i < 4; i++) {
      writer.append(partition, List.of(record(400_000), record(400_000)));
    }
    LogReader reader = kafka.reader();
    List<ConsumerRecord<byte[], byte[]>> read = new ArrayList<>();

    assertThat(reader.read(partition, 0, 1, read::add)).isEqualTo(2);
    assertThat(reader.read(partition, 2, 1_700_000, read::add)).isEqualTo(6);
    assertThat(reader.read(partition, 7, 10_000_000, read::add)).isEqualTo(8);
    assertThat(reader.read(partition, 8, 10_000_000, read::add)).isEqualTo(8);

    assertThat(read).extracting(ConsumerRecord::offset).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 7L);
  }

  @Test
  void theReaderBeginsAtTheFirstWhereItsOffsetIsGone() throws Exception {
    LogWriter writer = kafka.writer();
    for (int i = 0; i < 5; i++) {
      writer.append(partition, List.of(record(i)));
    }
    admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(3))).all().get(30, SECONDS);

    assertThat(read(0)).extracting(ConsumerRecord::offset).containsExactly(3L, 4L);
    assertThat(read(99)).extracting(ConsumerRecord::offset).containsExactly(3L, 4L);
  }

  @Test
  void theReaderStepsOverWhatIsNoRecord() throws Exception {
    Map<String, Object> settings = new HashMap<>(kafka.clientProperties());
    settings.put("transactional.id", partition.topic());
    try (var producer =
            new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
        var next =
            new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(partition.topic(), new byte[1]));
      producer.commitTransaction();
      // Waits until the mark of the commit is in the log.
      next.initTransactions();
    }

    List<ConsumerRecord<byte[], byte[]>> read = new ArrayList<>();
    assertThat(kafka.reader().read(partition, 0, 1000, read::add)).isEqualTo(2);
    assertThat(read).hasSize(1);
    assertThat(read.get(0).key()).isNull();
  }

  @Test
  void whoIsInterruptedReadsNothingAndHarmsNothing() {
    kafka.writer().append(partition, List.of(record(1)));

    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> read(0)).isInstanceOf(InterruptException.class);
    assertThat(Thread.interrupted()).isTrue();

    kafka.writer().append(partition, List.of(record(2)));
    assertThat(read(0)).hasSize(2);
  }

  @Test
  void whoWatchesIsTold() throws Exception {
    CountDownLatch told = new CountDownLatch(2);
    Runnable end = kafka.watch(partition, told::countDown);
    kafka.writer().append(partition, List.of(record(1)));
    assertThat(told.getCount()).isEqualTo(1);
    broker.produce(List.of(record(2)), Map.of());
    assertThat(told.await(30, SECONDS)).isTrue();
    end.run();
    kafka.writer().append(partition, List.of(record(3)));
    assertThat(kafka.end(partition)).isEqualTo(3);
  }

  @Test
  void whatIsNotThereIsRefused() throws Exception {
    TopicPartition none = new TopicPartition("none", 0);
    assertThatThrownBy(() -> kafka.writer().append(none, List.of(record(1))))
        .isInstanceOf(UnknownTopicOrPartitionException.class);
    assertThatThrownBy(() -> kafka.reader().read(none, 0, 1, record -> {}))
        .isInstanceOf(UnknownTopicOrPartitionException.class);
    assertThatThrownBy(() -> kafka.partitions("none"))
        .isInstanceOf(UnknownTopicOrPartitionException.class);
    assertThat(kafka.partitions(broker.topic(3, Map.of()))).isEqualTo(3);
    assertThatThrownBy(
            () ->
                kafka.writer().append(new TopicPartition(partition.topic(), 7), List.of(record(1))))
        .isInstanceOfAny(
            NotLeaderOrFollowerException.class, UnknownTopicOrPartitionException.class);
  }

  private ProducerRecord<byte[], byte[]> record(int size) {
    byte[] value = new byte[size];
    random.nextBytes(value);
    return new ProducerRecord<>(
        partition.topic(),
        0,
        null,
        ("key " + size).getBytes(UTF_8),
        value,
        List.of(new RecordHeader("number", Integer.toString(number++).getBytes(UTF_8))));
  }

  private List<ConsumerRecord<byte[], byte[]>> read(long offset) {
    return broker.read(partition, offset);
  }

  private List<ConsumerRecord<byte[], byte[]>> consume(int count) {
    List<ConsumerRecord<byte[], byte[]>> consumed = new ArrayList<>();
    try (var consumer =
        new KafkaConsumer<>(
            kafka.clientProperties(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      while (consumed.size() < count) {
        consumer.poll(Duration.ofSeconds(1)).forEach(consumed::add);
      }
    }
    return consumed;
  }

  private static List<Long> offsets(long from, long to) {
    return IntStream.range((int) from, (int) to).mapToObj(Long::valueOf).toList();
  }

  /** What must come through: key, value, headers. */
  private static List<String> texts(List<?> records) {
    return records.stream().map(LocalLogTest::text).toList();
  }

  private static String text(Object record) {
    return record instanceof ConsumerRecord<?, ?> read
        ? text(read.key(), read.value(), read.headers())
        : text(
            ((ProducerRecord<?, ?>) record).key(),
            ((ProducerRecord<?, ?>) record).value(),
            ((ProducerRecord<?, ?>) record).headers());
  }

  private static String text(Object key, Object value, Headers headers) {
    return new String((byte[]) key, UTF_8)
        + Arrays.hashCode((byte[]) value)
        + Arrays.toString(headers.toArray());
  }
}
