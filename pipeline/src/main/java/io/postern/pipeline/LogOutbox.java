package io.postern.pipeline;

import io.postern.pipeline.PipelineException.Category;
import java.time.Duration;
import java.util.AbstractList;
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
 * and flushed, or while the first record waits for company, is in the next batch: with one flush
 * for all that fits.
 */
final class LogOutbox extends QueuedOutbox {
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** The last that is queued. */
  private static final List<Outgoing> END = List.of();

  /**
   * A small message must not wait for all that large ones have on their way: what begins a run goes
   * before what goes on with one, so much in each batch that the others go on, too.
   */
  private static final long MAX_OVERTAKING_BYTES = 1024 * 1024;

  private static final String NO_ANSWER = "Kafka: no answer";

  private final LocalLogs logs;
  private final LocalLogs.Writer writer;
  private final Duration patience;
  private final Duration linger;
  private final CountDownLatch ending = new CountDownLatch(1);
  private final BlockingQueue<List<Outgoing>> queue = new LinkedBlockingQueue<>();

  /** What was taken from the queue, in the order in which it came; of the thread alone. */
  private final Map<TopicPartition, List<Outgoing>> waiting = new LinkedHashMap<>();

  private final Thread thread;

  /** What is being appended, and since when; null in between. */
  private List<Outgoing> appending;

  private long appendingSinceNanos;

  /** Whether that takes too long. */
  private boolean late;

  /** Fails when it is time to look at that; null where nothing was appended for long. */
  private CompletableFuture<Void> watch;

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
    if (late) {
      return NO_ANSWER;
    }
    queue.add(records);
    return null;
  }

  /**
   * A log that does not answer holds the thread up, but neither who waits nor the memory. One look
   * in that time instead of a timer for each batch, which would wake a thread twice.
   */
  private void look() {
    List<List<Outgoing>> all = new ArrayList<>();
    synchronized (this) {
      watch = null;
      if (appending == null) {
        return;
      }
      long left = patience.toNanos() - (System.nanoTime() - appendingSinceNanos);
      if (left > 0) {
        lookIn(left);
        return;
      }
      late = true;
      all.add(appending);
      queue.drainTo(all);
    }
    all.forEach(records -> fail(records, NO_ANSWER));
  }

  private void lookIn(long nanos) {
    watch = new CompletableFuture<Void>().orTimeout(nanos, TimeUnit.NANOSECONDS);
    watch.exceptionally(
        now -> {
          look();
          return null;
        });
  }

  private synchronized void lookNoMore() {
    if (watch != null) {
      watch.complete(null);
    }
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
      while (more || !waiting.isEmpty()) {
        more &= take(more && waiting.isEmpty());
        begin(waiting.values().stream().flatMap(List::stream).toList());
        waiting.replaceAll(this::append);
        waiting.values().removeIf(List::isEmpty);
        end();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lookNoMore();
    }
  }

  /**
   * Adds what has come to what waits.
   *
   * @param block until there is something, and company for it
   * @return whether more may come
   */
  private boolean take(boolean block) throws InterruptedException {
    List<List<Outgoing>> taken = new ArrayList<>();
    if (block) {
      taken.add(queue.take());
      ending.await(linger.toNanos(), TimeUnit.NANOSECONDS);
    }
    queue.drainTo(taken);
    boolean more = !taken.removeIf(records -> records == END);
    for (List<Outgoing> records : taken) {
      for (Outgoing record : records) {
        try {
          TopicPartition partition = record.partition(logs::partitions);
          waiting.computeIfAbsent(partition, none -> new ArrayList<>()).add(record);
        } catch (RuntimeException e) {
          record.fail(e);
        }
      }
    }
    return more;
  }

  private synchronized void begin(List<Outgoing> all) {
    appending = all;
    appendingSinceNanos = System.nanoTime();
    if (watch == null) {
      lookIn(patience.toNanos());
    }
  }

  private synchronized void end() {
    appending = null;
    late = false;
    if (ended) {
      // Once more: whoever gave up may have taken it from the queue.
      queue.add(END);
    }
  }

  /** Appends one batch; the rest waits, and what comes meanwhile with it. */
  private List<Outgoing> append(TopicPartition partition, List<Outgoing> records) {
    List<Outgoing> left = beginningsFirst(records);
    while (!left.isEmpty()) {
      try {
        int appended = writer.append(partition, new Produced(partition, left));
        left.subList(0, appended).forEach(Outgoing::acknowledge);
        return new ArrayList<>(left.subList(appended, left.size()));
      } catch (RetriableException e) {
        LockSupport.parkNanos(RETRY_NANOS);
        left = left.stream().filter(Outgoing::isAwaited).toList();
      } catch (RuntimeException e) {
        left.forEach(record -> record.fail(e));
        return List.of();
      }
    }
    return left;
  }

  /** What nobody waits for any more is left out. */
  private static List<Outgoing> beginningsFirst(List<Outgoing> records) {
    List<Outgoing> first = new ArrayList<>(records.size());
    List<Outgoing> rest = new ArrayList<>();
    long bytes = 0;
    for (Outgoing record : records) {
      if (record.isAwaited()) {
        boolean overtakes = record.begins() && bytes < MAX_OVERTAKING_BYTES;
        (overtakes ? first : rest).add(record);
        bytes += overtakes ? record.valueBytes() : 0;
      }
    }
    first.addAll(rest);
    return first;
  }

  /** Made one by one: the writer takes what fits and asks for no more. */
  private static final class Produced extends AbstractList<ProducerRecord<byte[], byte[]>> {
    private final TopicPartition partition;
    private final List<Outgoing> records;

    Produced(TopicPartition partition, List<Outgoing> records) {
      this.partition = partition;
      this.records = records;
    }

    @Override
    public ProducerRecord<byte[], byte[]> get(int index) {
      return records.get(index).to(partition);
    }

    @Override
    public int size() {
      return records.size();
    }
  }
}
