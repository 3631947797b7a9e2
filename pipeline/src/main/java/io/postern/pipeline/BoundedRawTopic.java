package io.postern.pipeline;

import io.micrometer.core.instrument.MeterRegistry;
import io.postern.pipeline.PipelineException.Category;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Topic {@code raw} with an end to what may wait in it. What waits is what truncation has left:
 * what is not stored yet, whichever worker it waits for. Senders that come while too much waits
 * keep their message, and are let in again by themselves.
 */
public final class BoundedRawTopic implements RawTopic, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BoundedRawTopic.class);

  /** Once full, so much of the bound must be free again: not one message in, one out. */
  private static final double REOPEN_AT = 0.9;

  private final RawTopic raw;
  private final long maxSlices;
  private final Duration interval;
  private final Admin admin;
  private final GroupOffsets offsets;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "raw-backlog"));
  private volatile long slices;
  private volatile boolean full;

  /**
   * @param raw where messages go while there is room
   * @param kafka client settings
   * @param maxSlices slices that may wait, of 132 KiB at most by default; a message has one at
   *     least
   * @param interval between looks at the topic
   */
  public BoundedRawTopic(
      RawTopic raw,
      Map<String, Object> kafka,
      Topics topics,
      long maxSlices,
      Duration interval,
      MeterRegistry meters) {
    this.raw = raw;
    this.maxSlices = maxSlices;
    this.interval = interval;
    this.admin = Admin.create(kafka);
    this.offsets = new GroupOffsets(admin, topics.raw(), topics.cryptoGroup());
    meters.gauge("postern.raw.backlog.slices", this, topic -> topic.slices);
  }

  /** Begins to look at the topic. */
  public void start() {
    thread.scheduleWithFixedDelay(this::lookSafely, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public boolean hasRoom() {
    return !full && raw.hasRoom();
  }

  @Override
  public boolean sendersWait() {
    return raw.sendersWait();
  }

  @Override
  public Submission begin(Envelope envelope) {
    if (full) {
      throw new PipelineException(
          Category.OVERLOADED, slices + " slices wait in raw, more than may", null);
    }
    return raw.begin(envelope);
  }

  void look() {
    Map<Integer, Long> starts = offsets.starts();
    long waiting = 0;
    for (Map.Entry<Integer, Long> end : offsets.ends().entrySet()) {
      waiting += end.getValue() - starts.getOrDefault(end.getKey(), end.getValue());
    }
    slices = waiting;
    boolean now = waiting >= (full ? (long) (maxSlices * REOPEN_AT) : maxSlices);
    if (now != full) {
      full = now;
      if (now) {
        log.warn(
            "{} slices wait to be stored: no more mail is taken until there are fewer", waiting);
      } else {
        log.info("{} slices wait to be stored: mail is taken again", waiting);
      }
    }
  }

  private void lookSafely() {
    try {
      look();
    } catch (RuntimeException e) {
      // Where Kafka is away nothing gets in anyway.
      log.debug("the backlog is not known now: {}", e.getMessage());
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    admin.close(Duration.ofSeconds(5));
  }
}
