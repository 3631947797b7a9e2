package io.postern.pipeline.work;

import io.postern.pipeline.CopySet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One consumer's life: the loop between Kafka and the lanes. While too much is in flight, or
 * something is away, partitions are paused and polling goes on: a worker that waits stays a member
 * of its group.
 */
final class WorkerSession implements ConsumerRebalanceListener, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WorkerSession.class);
  private static final Duration IDLE_POLL = Duration.ofMillis(200);

  /** Outcomes wait while the consumer polls: with work under way polls are short. */
  private static final Duration BUSY_POLL = Duration.ofMillis(10);

  private static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Source source;
  private final Worker.Wiring wiring;
  private final WorkerSettings settings;
  private final Lane.Context context;
  private final Loop loop;
  private final InFlight inFlight;
  private final Backoff backoff;
  private final Pace pace;

  private final Map<TopicPartition, Lane> lanes = new HashMap<>();
  private final Map<TopicPartition, Long> committed = new HashMap<>();
  private final Deque<ConsumerRecord<byte[], byte[]>> fetched = new ArrayDeque<>();
  private Instant nextHousekeeping = Instant.MIN;
  private boolean committing;

  /** What the ledger said when it was last asked, and from when on; gone with each assignment. */
  private CopySet ledger;

  private Instant ledgerSince;

  WorkerSession(
      KafkaConsumer<byte[], byte[]> consumer,
      Source source,
      Worker.Wiring wiring,
      WorkerSettings settings,
      Lane.Context context,
      Loop loop,
      InFlight inFlight,
      Backoff backoff) {
    this.consumer = consumer;
    this.source = source;
    this.wiring = wiring;
    this.settings = settings;
    this.context = context;
    this.loop = loop;
    this.inFlight = inFlight;
    this.backoff = backoff;
    this.pace = new Pace(wiring.sendersWait(), System::nanoTime);
  }

  void run(BooleanSupplier stopping) {
    consumer.subscribe(List.of(wiring.topic()), this);
    while (!stopping.getAsBoolean()) {
      loop.run();
      work();
      wiring.outbox().flush();
      houseKeep();
      fetch();
    }
  }

  /** Leaves the group, which hands the partitions over in order, and lets go of everything. */
  @Override
  public void close() {
    try {
      consumer.close(CloseOptions.timeout(CLOSE_TIMEOUT));
    } catch (RuntimeException e) {
      log.warn("{}: closing: {}", wiring.name(), e.getMessage());
    }
    drop(List.copyOf(lanes.keySet()));
    wiring.outbox().flush();
  }

  private boolean mustHold() {
    return inFlight.isFull() || backoff.isWaiting(wiring.clock().instant());
  }

  private void work() {
    if (!mustHold()) {
      lanes.forEach(this::rewind);
    }
    while (!fetched.isEmpty() && !mustHold()) {
      ConsumerRecord<byte[], byte[]> record = fetched.poll();
      Lane lane = lanes.get(new TopicPartition(record.topic(), record.partition()));
      if (lane != null) {
        lane.accept(Delivery.of(record));
      }
    }
  }

  private void rewind(TopicPartition partition, Lane lane) {
    lane.rewind()
        .ifPresent(
            offset -> {
              forget(List.of(partition));
              source.seek(partition, offset);
            });
  }

  private void fetch() {
    if (mustHold() || !fetched.isEmpty()) {
      await(BUSY_POLL);
      source.hold().forEach(fetched::add);
    } else {
      awaitTurn();
      boolean busy = lanes.values().stream().anyMatch(Lane::isBusy);
      source.read(busy ? BUSY_POLL : IDLE_POLL).forEach(fetched::add);
      Instant now = wiring.clock().instant();
      pace.read(
          fetched.stream().mapToLong(ConsumerRecord::serializedValueSize).sum(),
          Duration.between(earliest(now), now));
    }
  }

  private void await(Duration timeout) {
    loop.await(timeout);
    wiring.outbox().flush();
  }

  private void awaitTurn() {
    for (Duration left = pace.left(); !left.isZero(); left = pace.left()) {
      await(left);
    }
  }

  /** When the first of what is fetched was written; {@code otherwise} where nothing is. */
  private Instant earliest(Instant otherwise) {
    return Instant.ofEpochMilli(
        fetched.stream()
            .mapToLong(ConsumerRecord::timestamp)
            .reduce(otherwise.toEpochMilli(), Math::min));
  }

  private void houseKeep() {
    Instant now = wiring.clock().instant();
    if (now.isBefore(nextHousekeeping)) {
      return;
    }
    nextHousekeeping = now.plus(settings.commitInterval());
    lanes.forEach(
        (partition, lane) -> {
          if (fetched.isEmpty() && source.isAtEnd(partition)) {
            lane.caughtUp(now);
          }
          lane.expire(settings.senderTimeout());
        });
    Map<TopicPartition, OffsetAndMetadata> marks = newMarks(lanes.keySet());
    // One at a time: while a coordinator is away they would pile up, to fail together.
    if (!marks.isEmpty() && !committing) {
      committing = true;
      consumer.commitAsync(
          marks,
          (offsets, error) -> {
            committing = false;
            if (error == null) {
              remember(offsets);
            } else {
              log.info("{}: commit: {}", wiring.name(), error.getMessage());
            }
          });
    }
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    if (!partitions.isEmpty()) {
      log.info("{}: got {}", wiring.name(), partitions);
      ledger = null;
    }
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    for (TopicPartition partition : partitions) {
      long position = consumer.position(partition);
      Lane.Start start =
          new Lane.Start(
              position, ends.get(partition), wiring.clock().instant(), this::finishedSince);
      lanes.put(partition, new Lane(context, start));
      source.add(partition, position);
    }
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    if (partitions.isEmpty()) {
      return;
    }
    log.info("{}: gives {}", wiring.name(), partitions);
    forget(partitions);
    Instant deadline = wiring.clock().instant().plus(settings.handOver());
    while (partitions.stream().map(lanes::get).anyMatch(lane -> lane != null && lane.isBusy())
        && wiring.clock().instant().isBefore(deadline)) {
      await(BUSY_POLL);
    }
    try {
      Map<TopicPartition, OffsetAndMetadata> marks = newMarks(partitions);
      consumer.commitSync(marks, COMMIT_TIMEOUT);
      remember(marks);
    } catch (KafkaException e) {
      // The next owner starts at the last commit and does some work again.
      log.warn("{}: commit: {}", wiring.name(), e.getMessage());
    }
    drop(partitions);
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    log.warn("{}: lost {}", wiring.name(), partitions);
    forget(partitions);
    drop(partitions);
  }

  private void drop(Collection<TopicPartition> partitions) {
    for (TopicPartition partition : partitions) {
      source.remove(partition);
      committed.remove(partition);
      Lane lane = lanes.remove(partition);
      if (lane != null) {
        lane.close();
      }
    }
  }

  private void forget(Collection<TopicPartition> partitions) {
    fetched.removeIf(
        record -> partitions.contains(new TopicPartition(record.topic(), record.partition())));
  }

  private Map<TopicPartition, OffsetAndMetadata> newMarks(Collection<TopicPartition> partitions) {
    Map<TopicPartition, OffsetAndMetadata> marks = new HashMap<>();
    for (TopicPartition partition : partitions) {
      Lane lane = lanes.get(partition);
      if (lane != null && committed.getOrDefault(partition, -1L) != lane.mark()) {
        marks.put(partition, new OffsetAndMetadata(lane.mark()));
      }
    }
    return marks;
  }

  private void remember(Map<TopicPartition, OffsetAndMetadata> marks) {
    marks.forEach((partition, mark) -> committed.put(partition, mark.offset()));
  }

  /** Asks the ledger once for all partitions that begin together. */
  private CopySet finishedSince(Instant time) {
    if (ledger == null || time.minus(settings.ledgerSlack()).isBefore(ledgerSince)) {
      ledgerSince = earliest(time).minus(settings.ledgerSlack());
      ledger = wiring.ledgerReader().finishedSince(ledgerSince);
    }
    return ledger;
  }
}
