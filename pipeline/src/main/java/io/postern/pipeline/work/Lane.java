package io.postern.pipeline.work;

import io.postern.pipeline.CopySet;
import io.postern.pipeline.LowWaterMark;
import io.postern.pipeline.Ulids;
import io.postern.pipeline.work.DeadReason.Category;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition in a worker's hands: which messages are open, which wait, which are finished, and
 * what may be committed. A pure state machine: records and outcomes go in, a mark and wishes to
 * read again come out. Not thread-safe; {@code loop} brings outcomes back to the lane's thread.
 *
 * <p>An attempt at a message waits while no memory is free, after a temporary failure, and when it
 * has become a dead letter. Its slices are skipped then; later the partition is read again from its
 * first slice ({@link #rewind}). Reading again is harmless: finished records are known by the
 * low-water mark, slices already taken by their sequence numbers.
 */
public final class Lane {
  private static final Logger log = LoggerFactory.getLogger(Lane.class);

  /**
   * What all lanes of one worker share.
   *
   * @param jobs opens jobs
   * @param deadLetters opens the job that writes a dead letter
   * @param budget memory for open messages
   * @param loop runs tasks on the lanes' thread
   * @param ended hears how each job ended
   */
  public record Context(
      Job.Factory jobs,
      Function<DeadReason, Job> deadLetters,
      Budget budget,
      Executor loop,
      Consumer<Outcome> ended) {}

  /**
   * Where a lane begins.
   *
   * @param offset the first that will be read
   * @param end of the partition when this worker got it
   * @param assignedAt when it did
   * @param ledger tells which copies were stored by facts at or after the time of a record
   */
  public record Start(
      long offset, long end, Instant assignedAt, Function<Instant, CopySet> ledger) {}

  /** Within this time a worker surely remembers what it has finished itself. */
  private static final Duration LATE = Duration.ofMinutes(1);

  private final Context context;
  private final Start start;
  private final LowWaterMark mark;
  private final Map<String, Map<String, Attempt>> attempts = new HashMap<>();
  private final NavigableMap<Long, Attempt> waiting = new TreeMap<>();

  /** What was stored before this worker got the partition; known with the first record. */
  private CopySet finishedBefore;

  /** The offset that is read next. */
  private long position;

  /** How far time has come in the log, whatever the clocks here say. */
  private long logTimeMs;

  private boolean closed;

  public Lane(Context context, Start start) {
    this.context = context;
    this.start = start;
    this.mark = new LowWaterMark(start.offset());
    this.position = start.offset();
  }

  /** Takes the next record of the partition. */
  public void accept(Delivery delivery) {
    if (finishedBefore == null) {
      finishedBefore = start.ledger().apply(Instant.ofEpochMilli(delivery.record().timestamp()));
    }
    position = delivery.offset() + 1;
    if (mark.isFinished(delivery.offset())) {
      return;
    }
    boolean fresh = mark.read(delivery.offset());
    Attempt attempt = find(delivery);
    if (attempt == null) {
      // Of a message that is over: finished, void, or begun below the mark.
      mark.finish(delivery.offset());
      return;
    }
    if (fresh) {
      attempt.note(delivery);
      logTimeMs = Math.max(logTimeMs, delivery.record().timestamp());
    }
    if (delivery.isAborted()) {
      end(attempt);
    } else if (attempt.job != null || delivery.isFirst() && start(attempt, delivery)) {
      feed(attempt, delivery);
    }
  }

  /** What may be committed: everything below is finished. */
  public long mark() {
    return mark.offset();
  }

  /**
   * Where to read again, because a message that waits can go on now; empty where none can. The
   * caller seeks there.
   */
  public OptionalLong rewind() {
    for (Attempt attempt : waiting.headMap(position).values()) {
      if (context.budget.admits(attempt, heldBytes(attempt))) {
        position = attempt.firstOffset;
        return OptionalLong.of(position);
      }
    }
    return OptionalLong.empty();
  }

  /** Says that the partition has been read to its end: time in the log is the clock's time. */
  public void caughtUp(Instant now) {
    logTimeMs = Math.max(logTimeMs, now.toEpochMilli());
  }

  /**
   * Gives up senders that have fallen silent. Their messages are dropped, since they were never
   * acknowledged; but those that were complete and only lacked their outcome are kept.
   */
  public void expire(Duration senderTimeout) {
    List<Attempt> silent = new ArrayList<>();
    for (Map<String, Attempt> ofUnit : attempts.values()) {
      for (Attempt attempt : ofUnit.values()) {
        if (!attempt.isWhole() && logTimeMs - attempt.lastTimestampMs > senderTimeout.toMillis()) {
          silent.add(attempt);
        }
      }
    }
    for (Attempt attempt : silent) {
      if (attempt.prepared) {
        log.warn("{}: the sender fell silent before the outcome was known, kept", attempt.unit);
        attempt.unconfirmed = true;
        await(attempt);
      } else {
        log.info("{}: the sender fell silent, dropped", attempt.unit);
        end(attempt);
      }
    }
  }

  /** Whether a message that is complete is still being worked on. */
  public boolean isBusy() {
    return attempts.values().stream()
        .flatMap(ofUnit -> ofUnit.values().stream())
        .anyMatch(attempt -> attempt.job != null && attempt.isWhole());
  }

  /** Whether a message waits to be read again. */
  boolean isWaiting() {
    return !waiting.isEmpty();
  }

  /** Lets go of everything: the partition is another's now, or the worker stops. */
  public void close() {
    closed = true;
    attempts.values().stream().flatMap(ofUnit -> ofUnit.values().stream()).forEach(this::release);
    attempts.clear();
    waiting.clear();
  }

  private Attempt find(Delivery delivery) {
    String unit = unit(delivery);
    String token = delivery.slice() == null ? "" : delivery.slice().attempt();
    Map<String, Attempt> ofUnit = attempts.get(unit);
    Attempt known = ofUnit == null ? null : ofUnit.get(token);
    if (known != null || !delivery.isFirst()) {
      return known;
    }
    long heldBytes =
        delivery.slice() == null || delivery.isLast() ? 0 : context.jobs.heldBytes(delivery);
    Attempt attempt = new Attempt(unit, token, delivery.offset(), heldBytes);
    if (delivery.slice() == null) {
      attempt.dead = DeadReason.of(Category.MALFORMED, delivery.flaw());
    }
    attempts.computeIfAbsent(unit, key -> new HashMap<>(2)).put(token, attempt);
    waiting.put(attempt.firstOffset, attempt);
    return attempt;
  }

  private String unit(Delivery delivery) {
    return delivery.slice() == null
        ? "record " + delivery.offset()
        : context.jobs.unit(delivery.slice());
  }

  /** Dead letters pass through; they hold nothing. */
  private static long heldBytes(Attempt attempt) {
    return attempt.dead == null ? attempt.heldBytes : 0;
  }

  private boolean start(Attempt attempt, Delivery first) {
    if (!context.budget.take(attempt, heldBytes(attempt))) {
      return false;
    }
    Job job = open(attempt, first);
    if (job == null) {
      end(attempt);
      return false;
    }
    waiting.remove(attempt.firstOffset);
    attempt.job = job;
    attempt.nextSequence = 0;
    attempt.contentTaken = false;
    job.outcome()
        .whenComplete(
            (outcome, error) ->
                context.loop.execute(
                    () -> settle(attempt, job, error == null ? outcome : defect(attempt, error))));
    return true;
  }

  private Job open(Attempt attempt, Delivery first) {
    return attempt.dead == null
        ? context.jobs.open(first, past(first)).orElse(null)
        : context.deadLetters.apply(attempt.dead);
  }

  private Job.Past past(Delivery first) {
    Instant made = Ulids.time(first.slice().messageId());
    boolean mayHaveRun =
        first.offset() < start.end()
            || made.isBefore(start.assignedAt())
            // Sent once more, perhaps: a dead letter, for example.
            || made.plus(LATE).isBefore(first.producedAt());
    return new Job.Past(finishedBefore, mayHaveRun);
  }

  private void feed(Attempt attempt, Delivery delivery) {
    int sequence = delivery.slice() == null ? 0 : delivery.slice().sequence();
    if (sequence > attempt.nextSequence && !attempt.contentTaken) {
      // A slice is missing: this was never acknowledged.
      log.info("{}: slice {} is missing, void", attempt.unit, attempt.nextSequence);
      end(attempt);
    } else if (sequence >= attempt.nextSequence) {
      attempt.nextSequence = sequence + 1;
      attempt.contentTaken |= delivery.isPrepared();
      take(attempt, delivery);
      if (attempt.unconfirmed && attempt.job != null && delivery.offset() == attempt.lastOffset()) {
        // Whatever still comes of it comes too late.
        attempt.nextSequence = Integer.MAX_VALUE;
        take(attempt, delivery.concluded());
      }
    }
  }

  private void take(Attempt attempt, Delivery delivery) {
    Job job = attempt.job;
    try {
      job.take(delivery);
    } catch (RuntimeException e) {
      settle(attempt, job, defect(attempt, e));
    }
  }

  private void settle(Attempt attempt, Job job, Outcome outcome) {
    if (closed || attempt.job != job) {
      return;
    }
    context.ended.accept(outcome);
    switch (outcome.kind()) {
      case DONE -> finish(attempt);
      case RETRY -> await(attempt);
      case DEAD -> {
        log.warn("{}: dead letter, {}", attempt.unit, outcome.reason());
        attempt.dead = outcome.reason();
        await(attempt);
      }
    }
  }

  private static Outcome defect(Attempt attempt, Throwable error) {
    log.error("{}: unexpected", attempt.unit, error);
    return Outcome.dead(DeadReason.of(Category.INTERNAL, error.getClass().getSimpleName()));
  }

  /** Stops what is being done and lets the attempt wait for its first slice to come again. */
  private void await(Attempt attempt) {
    release(attempt);
    waiting.put(attempt.firstOffset, attempt);
  }

  private void finish(Attempt attempt) {
    Map<String, Attempt> ofUnit = attempts.get(attempt.unit);
    end(attempt);
    if (attempt.dead == null && !ofUnit.isEmpty()) {
      // Any complete attempt wins; the others have nothing left to do.
      List.copyOf(ofUnit.values()).forEach(this::end);
    }
  }

  private void end(Attempt attempt) {
    release(attempt);
    waiting.remove(attempt.firstOffset);
    Map<String, Attempt> ofUnit = attempts.get(attempt.unit);
    ofUnit.remove(attempt.token);
    if (ofUnit.isEmpty()) {
      attempts.remove(attempt.unit);
    }
    mark.finish(attempt.offsets);
  }

  private void release(Attempt attempt) {
    if (attempt.job != null) {
      attempt.job.drop();
      attempt.job = null;
    }
    context.budget.release(attempt);
  }
}
