package io.postern.pipeline;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Truncates {@code raw} behind what is safely stored, every few seconds. Any number may run at the
 * same time: each decides from committed offsets alone, and to delete twice is to delete once.
 */
public final class RawTruncation implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RawTruncation.class);

  private final Admin admin;
  private final GroupOffsets raw;
  private final GroupOffsets sealed;
  private final Duration interval;
  private final ScheduledExecutorService thread;
  private TruncationRound round;

  /** The marks of the last round: nothing new above them, nothing to delete. */
  private Map<Integer, Long> done = Map.of();

  /**
   * @param kafka client settings
   * @param interval between looks at the offsets
   */
  public RawTruncation(Map<String, Object> kafka, Topics topics, Duration interval) {
    this.admin = Admin.create(kafka);
    this.raw = new GroupOffsets(admin, topics.raw(), topics.cryptoGroup());
    this.sealed = new GroupOffsets(admin, topics.sealed(), topics.storeGroup());
    this.interval = interval;
    this.thread =
        Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "raw-truncation"));
  }

  public void start() {
    thread.scheduleWithFixedDelay(
        this::lookSafely, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    thread.shutdownNow();
    admin.close(Duration.ofSeconds(5));
  }

  /** One look: begins a round, or ends the one that is open where all it covers is stored. */
  void look() {
    if (round == null) {
      Map<Integer, Long> marks = raw.committed();
      if (!marks.equals(done)) {
        // In this order: see TruncationRound.
        round = new TruncationRound(marks, sealed.ends());
      }
    }
    if (round != null && round.isStored(sealed.committed())) {
      raw.truncate(round.rawMarks());
      done = round.rawMarks();
      round = null;
    }
  }

  private void lookSafely() {
    try {
      look();
    } catch (RuntimeException e) {
      log.warn("raw is not truncated now: {}", e.getMessage());
    }
  }
}
