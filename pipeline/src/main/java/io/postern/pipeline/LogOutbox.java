package io.postern.pipeline;

import io.postern.pipeline.PipelineException.Category;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;

/**
 * An {@link Outbox} on the logs of a broker in this process. What comes while a batch is written
 * and flushed, or while the first record waits for company, is the next batch: with one flush for
 * all.
 */
final class LogOutbox extends QueuedOutbox {
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** The last that is queued. */
  private static final List<Outgoing> END = List.of();

  private static final String NO_ANSWER = "Kafka: no answer";

  private final LocalLogs logs;
  private final LocalLogs.Writer writer;
  private final Duration patience;
  private final Duration linger;
  private final CountDownLatch ending = new CountDownLatch(1);
  private final BlockingQueue<List<Outgoing>> queue = new LinkedBlockingQueue<>();
  private final Thread thread;

  /** While something is being appended: completes when that takes too long. */
  private CompletableFuture<Void> appending;

  private boolean ended;

  /**
   * @param logs whose partitions it writes to
   * @param linger how long a record waits for others
   */
  LogOutbox(
      LocalLogs logs, LocalLogs.Writer writer, String name, Duration patience, Duration linger) {
    this.logs = logs;
    this.writer = writer;
    this.patience = patience;
    this.linger = linger;
    thread = new Thread(this::work, name + "-outbox");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  void submit(List<Outgoing> records) {
    String refusal = queue(records);
    if (refusal != null) {
      fail(records, refusal);
    }
  }

  /** Says why where it does not. */
  private synchronized String queue(List<Outgoing> records) {
    if (ended) {
      return "this process is stopping";
    }
    if (isLate()) {
      return NO_ANSWER;
    }
    queue.add(records);
    return null;
  }

  private boolean isLate() {
    return appending != null && appending.isDone();
  }

  /** A log that does not answer holds the thread up, but neither who waits nor the memory. */
  private void giveUp(List<List<Outgoing>> taken) {
    List<List<Outgoing>> waiting = new ArrayList<>(taken);
    synchronized (this) {
      if (isLate()) {
        queue.drainTo(waiting);
      }
    }
    waiting.forEach(records -> fail(records, NO_ANSWER));
  }

  private static void fail(List<Outgoing> records, String why) {
    PipelineException failure = new PipelineException(Category.UNAVAILABLE, why, null);
    records.forEach(record -> record.fail(failure));
  }

  @Override
  public void close() {
    synchronized (this) {
      ended = true;
    }
    ending.countDown();
    queue.add(END);
    try {
      // Not interrupted: that would close the file that it writes to.
      thread.join(patience.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void work() {
    try {
      boolean more = true;
      while (more) {
        List<List<Outgoing>> taken = new ArrayList<>();
        taken.add(queue.take());
        ending.await(linger.toNanos(), TimeUnit.NANOSECONDS);
        queue.drainTo(taken);
        more = !taken.remove(END);
        CompletableFuture<Void> timer =
            new CompletableFuture<Void>().orTimeout(patience.toNanos(), TimeUnit.NANOSECONDS);
        begin(timer);
        timer.exceptionally(
            late -> {
              giveUp(taken);
              return null;
            });
        byPartition(taken).forEach(this::append);
        end();
        timer.complete(null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void begin(CompletableFuture<Void> timer) {
    appending = timer;
  }

  private synchronized void end() {
    appending = null;
    if (ended) {
      // Once more: whoever gave up may have taken it from the queue.
      queue.add(END);
    }
  }

  private Map<TopicPartition, List<Outgoing>> byPartition(List<List<Outgoing>> taken) {
    Map<TopicPartition, List<Outgoing>> byPartition = new LinkedHashMap<>();
    for (List<Outgoing> records : taken) {
      for (Outgoing record : records) {
        try {
          TopicPartition partition = record.partition(logs::partitions);
          byPartition.computeIfAbsent(partition, p -> new ArrayList<>()).add(record);
        } catch (RuntimeException e) {
          record.fail(e);
        }
      }
    }
    return byPartition;
  }

  private void append(TopicPartition partition, List<Outgoing> waiting) {
    waiting.removeIf(record -> !record.isAwaited());
    List<Outgoing> left = waiting;
    while (!left.isEmpty()) {
      try {
        int appended = writer.append(partition, produced(partition, left));
        left.subList(0, appended).forEach(Outgoing::acknowledge);
        left = left.subList(appended, left.size());
      } catch (RetriableException e) {
        LockSupport.parkNanos(RETRY_NANOS);
        left = left.stream().filter(Outgoing::isAwaited).toList();
      } catch (RuntimeException e) {
        left.forEach(record -> record.fail(e));
        return;
      }
    }
  }

  private static List<ProducerRecord<byte[], byte[]>> produced(
      TopicPartition partition, List<Outgoing> records) {
    List<ProducerRecord<byte[], byte[]>> produced = new ArrayList<>(records.size());
    records.forEach(record -> produced.add(record.to(partition)));
    return produced;
  }
}
