package io.postern.pipeline;

import io.postern.pipeline.PipelineException.Category;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;

/**
 * An {@link Outbox} on the logs of a broker in this process. What comes while a batch is written
 * and flushed is the next batch: with one flush for all.
 */
final class LogOutbox extends QueuedOutbox {
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** The last that is queued. */
  private static final List<Outgoing> END = List.of();

  private final LocalLogs logs;
  private final LocalLogs.Writer writer;
  private final Duration patience;
  private final BlockingQueue<List<Outgoing>> queue = new LinkedBlockingQueue<>();
  private final Thread thread;
  private boolean ended;

  LogOutbox(LocalLogs logs, String name, Duration patience) {
    this.logs = logs;
    this.writer = logs.writer();
    this.patience = patience;
    thread = new Thread(this::work, name + "-outbox");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  void submit(List<Outgoing> records) {
    if (queue(records)) {
      CompletableFuture.allOf(
              records.stream().map(Outgoing::acknowledged).toArray(CompletableFuture[]::new))
          .orTimeout(patience.toNanos(), TimeUnit.NANOSECONDS)
          .whenComplete(
              (none, error) -> {
                if (error instanceof TimeoutException) {
                  giveUp(records);
                }
              });
    } else {
      fail(records, "this process is stopping");
    }
  }

  /** A disk that does not answer holds the thread up, but neither who waits nor the memory. */
  private void giveUp(List<Outgoing> records) {
    queue.remove(records);
    fail(records, "Kafka: no answer");
  }

  private static void fail(List<Outgoing> records, String why) {
    PipelineException failure = new PipelineException(Category.UNAVAILABLE, why, null);
    records.forEach(record -> record.fail(failure));
  }

  private synchronized boolean queue(List<Outgoing> records) {
    if (ended) {
      return false;
    }
    ended = records == END;
    return queue.add(records);
  }

  @Override
  public void close() {
    queue(END);
    try {
      // Not interrupted: that would close the file that it writes to.
      thread.join(patience.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void work() {
    List<List<Outgoing>> taken = new ArrayList<>();
    try {
      do {
        taken.clear();
        taken.add(queue.take());
        queue.drainTo(taken);
        byPartition(taken).forEach(this::append);
      } while (taken.get(taken.size() - 1) != END);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
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
