package io.postern.pipeline.work;

import io.postern.pipeline.CopySet;
import io.postern.pipeline.PipelineException;
import io.postern.pipeline.TopicReader;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * One way through a topic outside of any group: with the lanes and jobs of a worker, from where a
 * reader stands to the ends that the topic has then. Messages that are incomplete there are left
 * out. Nothing is committed, and nothing becomes a dead letter: a job that ends so is simply over.
 */
public final class Sweep {
  private static final Duration IDLE_POLL = Duration.ofMillis(200);
  private static final Duration BUSY_POLL = Duration.ofMillis(10);
  private static final Duration HOUSEKEEPING = Duration.ofSeconds(1);

  /** How long everything may fail before the sweep gives up. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private static final Instant END_OF_TIME = Instant.ofEpochMilli(Long.MAX_VALUE / 2);

  private final WorkerSettings settings;
  private final InstantSource clock;
  private final LongConsumer progress;
  private final Loop loop = new Loop();
  private final InFlight inFlight;
  private final Backoff backoff = new Backoff();
  private final Lane.Context context;
  private final Map<Integer, Lane> lanes = new HashMap<>();
  private final Deque<ConsumerRecord<byte[], byte[]>> fetched = new ArrayDeque<>();

  /** Since when nothing has succeeded, or null. */
  private Instant failingSince;

  private String failure;

  /**
   * A sweep.
   *
   * @param trade what is made of the messages
   * @param progress hears how many records have been read; some are read more than once
   */
  public Sweep(
      WorkerSettings settings, Worker.Trade trade, InstantSource clock, LongConsumer progress) {
    this.settings = settings;
    this.clock = clock;
    this.progress = progress;
    this.inFlight = new InFlight(settings.inFlightBytes());
    this.context =
        new Lane.Context(
            trade.jobs(loop, inFlight),
            reason -> Job.failed(Outcome.DONE),
            new Budget(settings.budgetBytes()),
            loop,
            this::ended);
  }

  /**
   * Sweeps, once; blocks until everything is done.
   *
   * @param open opens the reader, which this closes
   * @throws PipelineException UNAVAILABLE where Kafka, or what the jobs need, stays away
   */
  public void run(Supplier<TopicReader> open) {
    try (TopicReader reader = open.get()) {
      Map<Integer, Long> ends = reader.ends();
      Instant now = clock.instant();
      reader
          .positions()
          .forEach(
              (partition, start) ->
                  lanes.put(
                      partition,
                      new Lane(
                          context,
                          new Lane.Start(
                              start, ends.get(partition), now, since -> new CopySet()))));
      sweep(reader, ends);
    } finally {
      lanes.values().forEach(Lane::close);
      // Jobs that were dropped still tidy up behind themselves.
      loop.run();
    }
  }

  private void sweep(TopicReader reader, Map<Integer, Long> ends) {
    Instant nextHousekeeping = clock.instant();
    while (true) {
      loop.run();
      giveUpWhereAllFails();
      if (!mustHold()) {
        lanes.forEach((partition, lane) -> rewind(reader, partition, lane));
        deliver(ends);
      }
      boolean allRead = fetched.isEmpty() && isAtEnd(reader, ends);
      if (allRead) {
        lanes.values().forEach(lane -> lane.caughtUp(END_OF_TIME));
        lanes.values().forEach(lane -> lane.expire(Duration.ZERO));
        loop.run();
        if (isOver()) {
          return;
        }
      } else if (!clock.instant().isBefore(nextHousekeeping)) {
        nextHousekeeping = clock.instant().plus(HOUSEKEEPING);
        lanes.values().forEach(lane -> lane.expire(settings.senderTimeout()));
      }
      if (allRead || mustHold() || !fetched.isEmpty()) {
        loop.await(BUSY_POLL);
      } else {
        boolean busy = lanes.values().stream().anyMatch(Lane::isBusy);
        reader.poll(busy ? BUSY_POLL : IDLE_POLL, fetched::add);
      }
    }
  }

  private boolean mustHold() {
    return inFlight.isFull() || backoff.isWaiting(clock.instant());
  }

  /** What waits for room or for another try is read again from its first slice. */
  private void rewind(TopicReader reader, int partition, Lane lane) {
    lane.rewind()
        .ifPresent(
            offset -> {
              fetched.removeIf(record -> record.partition() == partition);
              reader.seek(partition, offset);
            });
  }

  private void deliver(Map<Integer, Long> ends) {
    while (!fetched.isEmpty() && !mustHold()) {
      ConsumerRecord<byte[], byte[]> record = fetched.poll();
      if (record.offset() < ends.get(record.partition())) {
        progress.accept(1);
        lanes.get(record.partition()).accept(Delivery.of(record));
      }
    }
  }

  private static boolean isAtEnd(TopicReader reader, Map<Integer, Long> ends) {
    return reader.positions().entrySet().stream()
        .allMatch(position -> position.getValue() >= ends.get(position.getKey()));
  }

  private boolean isOver() {
    return lanes.values().stream().noneMatch(lane -> lane.isBusy() || lane.isWaiting());
  }

  private void ended(Outcome outcome) {
    switch (outcome.kind()) {
      case DONE, DEAD -> {
        backoff.succeeded();
        failingSince = null;
      }
      case RETRY -> {
        Instant now = clock.instant();
        backoff.failed(now);
        failingSince = failingSince == null ? now : failingSince;
        failure = outcome.cause();
      }
    }
  }

  private void giveUpWhereAllFails() {
    if (failingSince != null && clock.instant().isAfter(failingSince.plus(PATIENCE))) {
      throw new PipelineException(PipelineException.Category.UNAVAILABLE, failure, null);
    }
  }
}
