package io.postern.pipeline;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Logs that do what a real one rarely does. */
class LogOutboxTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** What the log has, by the first octet of the value. */
  private final List<Integer> appended = new CopyOnWriteArrayList<>();

  private final AtomicInteger appends = new AtomicInteger();
  private final List<QueuedOutbox> open = new ArrayList<>();

  @AfterEach
  void close() {
    open.forEach(QueuedOutbox::close);
  }

  @Test
  void whatComesDuringAnAppendIsTheNextOne() throws Exception {
    HeldLog log = new HeldLog();
    QueuedOutbox outbox = outbox(PATIENCE, log);
    Outbox.Run run = outbox.run("raw", "key");
    run.send(List.of(), new byte[] {0});
    waitFor(log.began);
    for (int i = 1; i < 9; i++) {
      run.send(List.of(), new byte[] {(byte) i});
    }
    CompletableFuture<Void> last = run.send(List.of(), new byte[] {9});
    log.goOn.countDown();
    last.get(30, SECONDS);

    assertThat(appended).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    assertThat(appends).hasValue(2);
  }

  @Test
  void whatDoesNotFitFollowsInOrder() throws Exception {
    QueuedOutbox outbox = outbox(PATIENCE, records -> append(records, Math.min(2, records.size())));
    Outbox bundling = outbox.bundling();
    Outbox.Run run = bundling.run("sealed", "key");
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      sent.add(run.send(List.of(), new byte[] {(byte) i}));
    }
    bundling.flush();
    CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).get(30, SECONDS);

    assertThat(appended).containsExactly(0, 1, 2, 3, 4);
    assertThat(appends).hasValue(3);
  }

  @Test
  void whatBeginsGoesBeforeWhatGoesOn() throws Exception {
    CountDownLatch began = new CountDownLatch(1);
    CountDownLatch flushed = new CountDownLatch(1);
    CountDownLatch second = new CountDownLatch(2);
    CountDownLatch secondFlushed = new CountDownLatch(1);
    QueuedOutbox outbox =
        outbox(
            PATIENCE,
            records -> {
              began.countDown();
              second.countDown();
              waitFor(flushed);
              if (second.getCount() == 0) {
                waitFor(secondFlushed);
              }
              return append(records, Math.min(2, records.size()));
            });
    Outbox.Run large = outbox.run("raw", "large");
    large.send(List.of(), new byte[] {0});
    waitFor(began);
    for (int i = 1; i < 6; i++) {
      large.send(List.of(), new byte[] {(byte) i});
    }
    outbox.run("raw", "small").send(List.of(), new byte[] {10});
    flushed.countDown();
    waitFor(second);
    Outbox.Run other = outbox.run("raw", "other");
    other.send(List.of(), new byte[] {20});
    CompletableFuture<Void> last = other.send(List.of(), new byte[] {21});
    secondFlushed.countDown();
    last.get(30, SECONDS);

    assertThat(appended).containsExactly(0, 10, 1, 20, 2, 3, 4, 5, 21);
  }

  @Test
  void noMoreThanAMebibyteGoesBefore() throws Exception {
    HeldLog log = new HeldLog();
    QueuedOutbox outbox = outbox(PATIENCE, log);
    Outbox.Run large = outbox.run("raw", "large");
    large.send(List.of(), new byte[] {0});
    waitFor(log.began);
    large.send(List.of(), new byte[] {1});
    for (int i = 10; i < 14; i++) {
      byte[] value = new byte[512 * 1024];
      value[0] = (byte) i;
      outbox.run("raw", "small").send(List.of(), value);
    }
    log.goOn.countDown();
    large.send(List.of(), new byte[] {2}).get(30, SECONDS);

    assertThat(appended.subList(0, 5)).containsExactly(0, 10, 11, 1, 12);
  }

  @Test
  void whatPassesIsTriedAgainInOrder() throws Exception {
    AtomicInteger failures = new AtomicInteger(3);
    QueuedOutbox outbox =
        outbox(
            PATIENCE,
            records -> {
              if (failures.getAndDecrement() > 0) {
                throw new NotLeaderOrFollowerException("not yet");
              }
              return append(records, records.size());
            });
    Outbox.Run run = outbox.run("raw", "key");
    run.send(List.of(), new byte[] {0});
    run.send(List.of(), new byte[] {1}).get(30, SECONDS);

    assertThat(appended).containsExactly(0, 1);
  }

  @Test
  void whatIsRefusedFailsAndTheNextIsTaken() throws Exception {
    QueuedOutbox outbox =
        outbox(
            PATIENCE,
            records -> {
              if (records.get(0).value()[0] == 0) {
                throw new RecordTooLargeException("too large");
              }
              return append(records, records.size());
            });
    Outbox.Run run = outbox.run("raw", "key");

    assertThatThrownBy(() -> run.send(List.of(), new byte[] {0}).get(30, SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            PipelineException.class,
            e -> assertThat(e.category()).isEqualTo(PipelineException.Category.REFUSED));
    run.send(List.of(), new byte[] {1}).get(30, SECONDS);
    assertThat(appended).containsExactly(1);
  }

  @Test
  void nobodyWaitsForADiskThatDoesNotAnswer() throws Exception {
    HeldLog log = new HeldLog();
    QueuedOutbox outbox = outbox(Duration.ofMillis(50), log);
    Outbox.Run run = outbox.run("raw", "key");
    CompletableFuture<Void> first = run.send(List.of(), new byte[] {0});
    waitFor(log.began);
    CompletableFuture<Void> behindIt = run.send(List.of(), new byte[] {1});

    assertNoAnswer(first);
    assertNoAnswer(behindIt);
    assertNoAnswer(run.send(List.of(), new byte[] {2}));

    log.goOn.countDown();
    await().atMost(30, SECONDS).until(() -> succeeds(run.send(List.of(), new byte[] {3})));
    assertThat(appended).containsExactly(0, 3);
  }

  private static void assertNoAnswer(CompletableFuture<Void> sent) {
    assertThatThrownBy(() -> sent.get(30, SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(PipelineException.class)
        .hasMessage("Kafka: no answer");
  }

  private static boolean succeeds(CompletableFuture<Void> sent) throws Exception {
    try {
      sent.get(30, SECONDS);
      return true;
    } catch (ExecutionException e) {
      return false;
    }
  }

  @Test
  void nobodyWaitsForALogThatDoesNotComeBack() {
    QueuedOutbox outbox =
        outbox(
            Duration.ofMillis(50),
            records -> {
              throw new NotLeaderOrFollowerException("never");
            });

    assertThatThrownBy(
            () -> outbox.run("raw", "key").send(List.of(), new byte[] {0}).get(30, SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .hasMessage("Kafka: no answer");
    outbox.close();
    assertThat(appended).isEmpty();
  }

  @Test
  void whatHasNoTopicFails() {
    QueuedOutbox outbox = outbox(PATIENCE, records -> append(records, records.size()));

    assertThatThrownBy(
            () -> outbox.run("none", "key").send(List.of(), new byte[] {0}).get(30, SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(PipelineException.class)
        .hasMessageContaining("no topic");
  }

  @Test
  void whatWaitsGoesBeforeTheEndAndNothingAfter() throws Exception {
    QueuedOutbox outbox = outbox(PATIENCE, records -> append(records, records.size()));
    Outbox.Run run = outbox.run("raw", "key");
    CompletableFuture<Void> before = run.send(List.of(), new byte[] {0});
    outbox.close();
    CompletableFuture<Void> after = run.send(List.of(), new byte[] {1});

    assertThat(before).isCompleted();
    assertThatThrownBy(() -> after.get(30, SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .hasMessage("this process is stopping");
    assertThat(appended).containsExactly(0);
  }

  @Test
  void whatComesWhileTheFirstWaitsGoesWithIt() {
    QueuedOutbox outbox =
        outbox(PATIENCE, Duration.ofMinutes(1), records -> append(records, records.size()));
    Outbox.Run run = outbox.run("ledger", "key");
    CompletableFuture<Void> first = run.send(List.of(), new byte[] {0});
    CompletableFuture<Void> second = run.send(List.of(), new byte[] {1});
    // The end is not waited for.
    outbox.close();

    assertThat(first).isCompleted();
    assertThat(second).isCompleted();
    assertThat(appended).containsExactly(0, 1);
    assertThat(appends).hasValue(1);
  }

  /** How the log takes records. */
  private interface Log {
    int append(List<ProducerRecord<byte[], byte[]>> records);
  }

  /** Takes all, but nothing before it is told to go on. */
  private final class HeldLog implements Log {
    final CountDownLatch began = new CountDownLatch(1);
    final CountDownLatch goOn = new CountDownLatch(1);

    @Override
    public int append(List<ProducerRecord<byte[], byte[]>> records) {
      began.countDown();
      waitFor(goOn);
      return LogOutboxTest.this.append(records, records.size());
    }
  }

  private QueuedOutbox outbox(Duration patience, Log log) {
    return outbox(patience, Duration.ZERO, log);
  }

  private QueuedOutbox outbox(Duration patience, Duration linger, Log log) {
    LocalLogs logs = new FakeLogs(log);
    QueuedOutbox outbox = new LogOutbox(logs, logs.writer(), "test", patience, linger);
    open.add(outbox);
    return outbox;
  }

  private int append(List<ProducerRecord<byte[], byte[]>> records, int count) {
    appends.incrementAndGet();
    records.subList(0, count).forEach(record -> appended.add((int) record.value()[0]));
    return count;
  }

  private static void waitFor(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private record FakeLogs(Log log) implements LocalLogs {
    @Override
    public int partitions(String topic) {
      if (topic.equals("none")) {
        throw new UnknownTopicOrPartitionException("no topic " + topic);
      }
      return 1;
    }

    @Override
    public Writer writer() {
      return (partition, records) -> log.append(records);
    }

    @Override
    public Writer compressingWriter() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Reader reader() {
      throw new UnsupportedOperationException();
    }

    @Override
    public long end(TopicPartition partition) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Runnable watch(TopicPartition partition, Runnable grown) {
      throw new UnsupportedOperationException();
    }
  }
}
